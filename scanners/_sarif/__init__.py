"""Read SARIF files, which contain the results of static analysis tools."""

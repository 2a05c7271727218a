"""Reading of SARIF files: the results of static analysis tools."""

"""Files that users write: headway.toml, campaigns, teams and owner catalogs."""

"""Files that users write: headway.toml, campaigns, teams.yaml and catalog-info.yaml."""

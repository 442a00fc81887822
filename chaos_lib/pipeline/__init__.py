"""Jenkins Pipelines without a controller: the model of a Jenkinsfile, its parser and its linter."""

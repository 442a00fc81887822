"""Our own runner for Declarative Pipelines: it parses the Jenkinsfile and really runs the steps, without a controller."""

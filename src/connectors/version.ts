// The version that the built-in connectors report in GET /connector-plugins. Task, connector and job threads.
export const CONNECTORS_VERSION = '0.1.0'

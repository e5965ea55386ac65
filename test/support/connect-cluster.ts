// Several Connect workers in one group as child processes of a test; see scripts/connect-cluster.ts. Main thread of a test file.
export { ConnectCluster, type Kind, type Member, type StateInfo } from '../../scripts/connect-cluster.ts'

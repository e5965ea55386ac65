// The S3 servers of a test; see scripts/systems/s3-server.ts. Main thread of a test file.
export { type S3Server, type S3ServerKind, startS3Server } from '../../scripts/systems/s3-server.ts'

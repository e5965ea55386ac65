// Says what to do when scripts run on a Node that cannot run TypeScript: npm puts the Node 24 of `npm ci` first, if it is there.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `This is Node ${process.versions.node}; Sluice needs 24, which "npm ci" brings along. Run it first, then start scripts by "npm run".`,
  )
  process.exit(1)
}

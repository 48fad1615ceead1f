#!/usr/bin/env node
// Plain JavaScript that any Node since 12 can read: on an old one it says what to do, and nothing newer is loaded before.
// biome-ignore-all lint/style/useNodejsImportProtocol: Node 12 does not know it
import { existsSync } from 'fs'
import { fileURLToPath } from 'url'

const neededMajor = 26
const root = fileURLToPath(new URL('..', import.meta.url))
const pinnedNode = `${root}node_modules/.bin/node`

if (Number(process.versions.node.split('.')[0]) < neededMajor) {
  const way = existsSync(pinnedNode)
    ? `it brought its own: start it with \`npm start\` or \`npx tidegate\` in ${root}, or with \`${pinnedNode} ${root}bin/tidegate.js\`.`
    : `it brings its own: run \`npm ci\` in ${root}, then start it with \`npm start\` or \`npx tidegate\`.`
  process.stderr.write(`Tidegate needs Node ${neededMajor}, and this is Node ${process.versions.node}; ${way}\n`)
  process.exitCode = 1
} else {
  import('../server/src/cli/main.ts')
    .then(({ run }) => run(process.argv.slice(2)))
    .then(
      (exitCode) => {
        process.exitCode = exitCode
      },
      (error) => {
        console.error(error)
        process.exitCode = 1
      },
    )
}

#!/usr/bin/env node
// Plain JavaScript that any Node since 12 can read: on an old one it says what to do, and nothing newer is loaded before.
// biome-ignore-all lint/style/useNodejsImportProtocol: Node 12 does not know it
import { existsSync } from 'fs'
import * as modules from 'module'
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
  // What was compiled once is read the next time, here and in all processes of ours: a start takes a quarter less, and each process 30 MB less.
  // It lies beside what it was made of, so that whoever could write there could as well change that; where it cannot be written, it is not.
  process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || `${root}node_modules/.cache/tidegate`
  modules.enableCompileCache(process.env.NODE_COMPILE_CACHE)
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

/** `npm run double -- NAME [--port N]`: one double, until it is interrupted. Without a name: a table of all that there are. */
import { parseArgs } from 'node:util'
import { table } from '../../src/cli/table.ts'
import { doubles } from './catalog.ts'
import { listen, patient } from './replies.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '0' } },
})
const [name] = positionals
const double = doubles.find((one) => one.name === name)

if (name === undefined)
  for (const line of table(
    ['NAME', 'KIND', 'WHAT IT DOES'],
    doubles.map(({ name, kind, does }) => [name, kind, does]),
  ))
    console.log(line)
else if (!double) {
  console.error(`There is no double '${name}'. Without a name all are listed.`)
  process.exitCode = 2
} else {
  const { url } = await listen(patient(double.replies()), {
    port: Number(values.port),
    // No content of a request: which fields it has is enough to see what Tidegate sends.
    onReply: ({ method, path, body }, { status = 200 }) =>
      console.log([new Date().toISOString(), method, path, status, Object.keys(body ?? {}).join(',')].join(' ')),
  })
  console.log(`double ${double.name} ready ${url}`)
  console.log(`
# tidegate.yaml: Tidegate in front of it
models: [{ id: doubled, engines: [double] }]
engines: [{ id: double, kind: ${double.kind}, url: "${url}", model: upstream-model, apiKey: none, thinking: true }]
`)
}

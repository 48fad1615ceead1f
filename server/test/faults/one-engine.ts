import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A configuration with one model, which has a price, and one engine behind HTTP. @returns its path */
export function writeConfig(folder: string, engineUrl: string): string {
  const path = join(folder, 'tidegate.yaml')
  writeFileSync(
    path,
    `models:
  - id: deepseek-v4-flash
    engines: [double]
    price: { inputPerMillion: 1, cachedInputPerMillion: 1, outputPerMillion: 100, currency: USD }
engines:
  - { id: double, kind: openai, url: "${engineUrl}", model: upstream-model, apiKey: none, contextWindow: 100000 }
`,
  )
  return path
}

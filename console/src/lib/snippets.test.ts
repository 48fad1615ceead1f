import { spawnSync } from 'node:child_process'
import { stripTypeScriptTypes } from 'node:module'
import { Script } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { snippet } from './snippets.ts'

const request = {
  baseUrl: 'https://tidegate.example.org/v1',
  key: 'sk-test',
  body: {
    model: 'deepseek-v4-flash',
    messages: [{ role: 'user', content: 'What\'s "this"?\nA $HOME `x` \\ é' }],
    thinking: { type: 'disabled' },
    stop: ['a', "b'"],
    temperature: 0.5,
  },
}

test('curl is what a shell reads back, whatever people wrote', () => {
  const anything = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(anything, (content) => {
      const body = { messages: [{ role: 'user', content }] }
      const script = `curl() { printf '%s' "$7"; }\n${snippet.curl({ ...request, body })}`
      expect(JSON.parse(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout)).toEqual(body)
    }),
    { numRuns: 20 },
  )
})

test('Python', () => {
  expect(snippet.python(request)).toBe(`from openai import OpenAI

client = OpenAI(base_url="https://tidegate.example.org/v1", api_key="sk-test")
answer = client.chat.completions.create(
    model="deepseek-v4-flash",
    messages=[{"role": "user", "content": "What's \\"this\\"?\\nA $HOME \`x\` \\\\ é"}],
    stop=["a", "b'"],
    temperature=0.5,
    extra_body={"thinking": {"type": "disabled"}},
)
print(answer.choices[0].message.content)
`)
})

test('TypeScript says what was asked', () => {
  const text = snippet.typescript({ ...request, body: { ...request.body, stream: true } })
  expect(text).toContain("baseURL: 'https://tidegate.example.org/v1', apiKey: 'sk-test'")
  expect(text).toContain('for await (const chunk of stream)')
  const literal = /create\((\{[\s\S]*\})\)\nfor/.exec(text)?.[1] ?? ''
  const read = new Script(`JSON.stringify((${stripTypeScriptTypes(`(${literal})`)}))`).runInThisContext()
  expect(JSON.parse(read)).toEqual({ ...request.body, stream: true })
})

test('True, False and None are words of Python', () => {
  const text = snippet.python({ ...request, body: { stream: true, seed: null, logprobs: false, tools: [] } })
  expect(text).toContain('stream=True,\n    seed=None,\n    logprobs=False,\n    tools=[],')
})

/** Which files of a repository are meant by `hf:OWNER/REPO[:FILE]`. */
import { OperatorError } from '../lib/operator-error.ts'
import type { HubFile } from './hub.ts'

/** What is taken when nobody says: small enough for most machines, good enough for most uses. */
const preferred = 'Q4_K_M'
const shard = /-(\d{5})-of-(\d{5})\.gguf$/i

/**
 * @param wanted a path in the repository, a file's name, or a quantisation such as `Q8_0`; absent: the only GGUF, or the preferred one
 * @returns the parts of one model in order; one part, unless the model is split
 * @throws OperatorError which lists the choices
 */
export function chooseGguf(files: readonly HubFile[], wanted: string | undefined): readonly HubFile[] {
  const models = modelsAmong(files)
  const fitting = wanted === undefined ? models : models.filter((parts) => fits(parts, wanted))
  const chosen =
    fitting.length === 1 ? fitting : fitting.filter(([first]) => first && quantOf(first.path) === preferred)
  const [only, ...more] = chosen
  if (only && more.length === 0) return only
  throw new OperatorError(
    models.length === 0
      ? 'The repository has no GGUF file.'
      : `${wanted === undefined ? 'Say which file' : `'${wanted}' is not one file`}: hf:OWNER/REPO:FILE with one of\n${choices(models)}`,
  )
}

/** Projectors for images are no models of their own; the parts of a split model are one. */
function modelsAmong(files: readonly HubFile[]): HubFile[][] {
  const models = new Map<string, HubFile[]>()
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    if (!/\.gguf$/i.test(file.path) || /(^|\/)mmproj/i.test(file.path)) continue
    const model = file.path.replace(shard, '-*-of-$2.gguf')
    models.set(model, [...(models.get(model) ?? []), file])
  }
  return [...models.values()]
}

function fits(parts: readonly HubFile[], wanted: string): boolean {
  if (parts.some(({ path }) => path === wanted || path.endsWith(`/${wanted}`))) return true
  const [first] = parts
  return first !== undefined && quantOf(first.path) === wanted.toUpperCase()
}

/** `Q4_K_M` of `Some-Model.Q4_K_M.gguf`, also before the number of a part. */
function quantOf(path: string): string | undefined {
  return /[-._]((?:UD-)?(?:I?Q\d[A-Z0-9_]*|BF16|F16|F32|MXFP4))\.gguf$/i
    .exec(path.replace(shard, '.gguf'))?.[1]
    ?.toUpperCase()
}

function choices(models: readonly (readonly HubFile[])[]): string {
  return models
    .map((parts) => {
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
      return `  ${parts[0]?.path}  (${(bytes / 1e9).toFixed(2)} GB${parts.length > 1 ? `, ${parts.length} parts` : ''})`
    })
    .join('\n')
}

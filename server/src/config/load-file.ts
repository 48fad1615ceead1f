/** Reads and checks `tidegate.yaml`. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { OperatorError } from '../lib/operator-error.ts'
import { type Environment, readYaml, type YamlFile } from '../lib/yaml-file.ts'
import { explain } from './explain.ts'
import { configFile, type FileInput } from './schema.ts'

export interface LoadedFile {
  readonly value: FileInput
  /** Where relative paths of the file start. */
  readonly folder: string
  readonly found: boolean
  readonly name: string
  readonly where: YamlFile['where']
}

/**
 * @param named undefined: `tidegate.yaml` in `cwd`, and all defaults where there is none
 * @throws OperatorError with one problem a line, each with its place in the file
 */
export function loadFile(named: string | undefined, env: Environment, cwd: string): LoadedFile {
  const path = resolve(cwd, named ?? 'tidegate.yaml')
  const found = named !== undefined || existsSync(path)
  const name = isAbsolute(named ?? '') ? path : relative(cwd, path)
  const yaml = readYaml(found ? textOf(path) : '', name, env)
  const result = configFile.safeParse(yaml.value ?? {})
  if (!result.success) throw new OperatorError(result.error.issues.flatMap((issue) => explain(issue, yaml)).join('\n'))
  return { value: result.data, folder: found ? dirname(path) : cwd, found, name, where: yaml.where }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new OperatorError(`The configuration file cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

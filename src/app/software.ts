/** Name and version of this software, as its package says; the same from the sources, a build, or an installation. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const packageFile = (): string => {
  let folder = import.meta.dirname
  while (!existsSync(path.join(folder, 'package.json')) && path.dirname(folder) !== folder)
    folder = path.dirname(folder)
  return path.join(folder, 'package.json')
}

const { name, version } = JSON.parse(readFileSync(packageFile(), 'utf8')) as { name: string; version: string }

/** `0.1.0` */
export const SOFTWARE_VERSION = version

/** `bookreel 0.1.0`: what a run's manifest says. */
export const SOFTWARE = `${name} ${version}`

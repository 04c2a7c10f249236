/** A job file is known by its name; every other file is a script. */
export function isJobFile(file: string): boolean {
  return /\.(ya?ml|json)$/i.test(file);
}

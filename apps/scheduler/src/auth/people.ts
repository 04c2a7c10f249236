/** What a person may do. */
export type Role = "researcher" | "operator" | "viewer";

/** Somebody the server knows, from its configuration. */
export interface Person {
  /** Appears as the owner of jobs. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** Projects of the person; `*` is every project. */
  readonly projects: ReadonlySet<string>;
}

export function isOperator(person: Person): boolean {
  return person.roles.includes("operator");
}

/** May submit jobs and act on own ones. */
export function maySubmit(person: Person): boolean {
  return person.roles.includes("researcher") || isOperator(person);
}

export function belongsTo(person: Person, project: string): boolean {
  return person.projects.has(project) || person.projects.has("*");
}

/** An operator sees every job, others those of their projects and their own. */
export function maySee(
  person: Person,
  job: { readonly owner: string; readonly project: string },
): boolean {
  return isOperator(person) || job.owner === person.name || belongsTo(person, job.project);
}

/**
 * Script, environment, command and arguments may hold what is nobody else's business: only the owner
 * and operators see them.
 */
export function maySeeProgram(person: Person, owner: string): boolean {
  return isOperator(person) || owner === person.name;
}

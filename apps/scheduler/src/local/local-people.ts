import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Credential, tokenSha256 } from "../auth/authenticate.ts";
import type { Person } from "../auth/people.ts";
import { makeDirectory } from "../start/make-directory.ts";

export const demoProjects: readonly string[] = ["language-models", "genomics", "weather"];

/** One of each role. The names are made up. */
const people: readonly Person[] = [
  { name: "aigerim", roles: ["researcher"], projects: new Set(demoProjects) },
  { name: "dauren", roles: ["operator"], projects: new Set(["*"]) },
  { name: "saule", roles: ["viewer"], projects: new Set(["*"]) },
];

/** A person, the secret that stands for the person, and the file that the command line reads. */
export interface LocalPerson {
  readonly credential: Credential;
  readonly token: string;
  readonly contextFile: string;
}

/** Tokens of an earlier start are kept, so that open terminals go on working. */
export function openLocalPeople(dataDirectory: string): readonly LocalPerson[] {
  return people.map((person) => {
    const contextFile = contextFileOf(dataDirectory, person);
    const token = readToken(contextFile) ?? randomBytes(32).toString("base64url");
    return { credential: { person, tokenSha256: tokenSha256(token) }, token, contextFile };
  });
}

/** The researcher is the default; the others are chosen by name. */
function contextFileOf(dataDirectory: string, person: Person): string {
  const [role = "viewer"] = person.roles;
  return role === "researcher"
    ? join(dataDirectory, "context.json")
    : join(dataDirectory, "contexts", `${role}.json`);
}

function readToken(contextFile: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(contextFile, "utf8"));
    return typeof content === "object" &&
      content !== null &&
      "token" in content &&
      typeof content.token === "string"
      ? content.token
      : undefined;
  } catch {
    return undefined;
  }
}

/** Tells the command line where the server is, and who is who. */
export function writeContexts(
  dataDirectory: string,
  locals: readonly LocalPerson[],
  address: string,
): void {
  makeDirectory(join(dataDirectory, "contexts"));
  for (const { credential, token, contextFile } of locals) {
    const { name } = credential.person;
    // Everybody here may use all of the projects: jobs that name none belong to the first.
    const content = { address, token, person: name, project: demoProjects[0] };
    writeFileSync(contextFile, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  }
}

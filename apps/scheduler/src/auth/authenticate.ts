import { hash } from "node:crypto";
import { Refusal } from "../mapping/refusal.ts";
import type { Person } from "./people.ts";

/** A person and the SHA-256 (hex) of the token that stands for the person. */
export interface Credential {
  readonly person: Person;
  readonly tokenSha256: string;
}

/** Says who calls, from the `authorization` header. */
export type Authenticate = (header: string | undefined) => Person | Refusal;

/** Longer headers are no token of ours; hashing them would be work for nothing. */
const headerLengthMax = 1_024;

/**
 * Tokens are random and looked up by their SHA-256: the server never holds them, and how long the
 * lookup takes tells about a hash that nobody can steer, nothing about the token.
 */
export function authenticateByToken(credentials: readonly Credential[]): Authenticate {
  const byHash = new Map(
    credentials.map((credential) => [credential.tokenSha256, credential.person]),
  );
  return (header) => {
    if (header === undefined || header === "") {
      return new Refusal(
        "TOKEN_MISSING",
        'no token: send "authorization: Bearer <token>", or choose a context that has one (ertis --as NAME)',
      );
    }
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header.slice(0, headerLengthMax))?.[1];
    const sha256 = hash("sha256", token ?? header.slice(0, headerLengthMax), "hex");
    const person = token === undefined ? undefined : byHash.get(sha256);
    return (
      person ??
      new Refusal("TOKEN_UNKNOWN", "this token stands for nobody; ask an operator for a new one")
    );
  };
}

/** Everybody is the same person: for a server that only this machine can reach. */
export function authenticateNobody(person: Person): Authenticate {
  return () => person;
}

/** The SHA-256 (hex) that the configuration holds in place of a token. */
export function tokenSha256(token: string): string {
  return hash("sha256", token, "hex");
}

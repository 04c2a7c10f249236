import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Credential, tokenSha256 } from "../auth/authenticate.ts";
import type { Role } from "../auth/people.ts";
import { defaultRate, type Rate } from "../limits/token-bucket.ts";
import type { ConfigDocument, Field } from "./document.ts";
import type { ServerConfig } from "./server-config.ts";

const roles: readonly Role[] = ["researcher", "operator", "viewer"];
/** A token with fewer characters can be guessed. */
const tokenLengthMin = 20;

export function readPeople(
  document: ConfigDocument,
  field: Field | undefined,
  directory: string,
): readonly Credential[] {
  if (field === undefined) {
    return [];
  }
  const credentials: Credential[] = [];
  const nameByHash = new Map<string, string>();
  for (const [name, one] of document.entries(field)) {
    const fields = document.entries(one, ["tokenSha256", "tokenFile", "roles", "projects"]);
    if (!/^[a-z0-9][a-z0-9._@-]{0,62}$/.test(name)) {
      document.add(
        one,
        `"${name}" is no name: 1 to 63 of a-z, 0-9 and ._@-, a letter or digit first`,
      );
    }
    const hash = readToken(document, one, fields, directory);
    const owned = document
      .items(fields.get("roles"))
      .flatMap((item) => document.oneOf(item, roles) ?? []);
    if (owned.length === 0) {
      document.add(one, `has no roles; give some of ${roles.join(", ")}`);
    }
    const projects = document
      .items(fields.get("projects"))
      .flatMap((item) => document.text(item) ?? []);
    if (hash === undefined) {
      continue;
    }
    const other = nameByHash.get(hash);
    if (other !== undefined) {
      document.add(one, `has the same token as ${other}; each person needs an own one`);
    }
    nameByHash.set(hash, name);
    credentials.push({
      person: { name, roles: owned, projects: new Set(projects) },
      tokenSha256: hash,
    });
  }
  return credentials;
}

function readToken(
  document: ConfigDocument,
  person: Field,
  fields: ReadonlyMap<string, Field>,
  directory: string,
): string | undefined {
  const hashField = fields.get("tokenSha256");
  const fileField = fields.get("tokenFile");
  if ((hashField === undefined) === (fileField === undefined)) {
    document.add(person, "needs tokenSha256 (hex) or tokenFile, one of them");
    return undefined;
  }
  if (hashField !== undefined) {
    const hash = document.text(hashField);
    if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) {
      document.add(hashField, "is no SHA-256 in 64 lower-case hex digits; make one with sha256sum");
    }
    return hash;
  }
  const file = document.text(fileField);
  return file === undefined || fileField === undefined
    ? undefined
    : readTokenFile(document, fileField, resolve(directory, file));
}

function readTokenFile(document: ConfigDocument, field: Field, file: string): string | undefined {
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      document.add(field, `${file} can be read by others; chmod 600 ${file}`);
    }
    const token = readFileSync(file, "utf8").trim();
    if (token.length < tokenLengthMin || !/^[\x21-\x7e]+$/.test(token)) {
      document.add(
        field,
        `${file} holds no token: at least ${tokenLengthMin} characters, no spaces`,
      );
    }
    return tokenSha256(token);
  } catch {
    document.add(field, `${file} cannot be read`);
    return undefined;
  }
}

export function readRates(
  document: ConfigDocument,
  field: Field | undefined,
): Pick<ServerConfig, "rate" | "rateByRole"> {
  if (field === undefined) {
    return { rate: defaultRate, rateByRole: {} };
  }
  const fields = document.entries(field, ["callsPerSecond", "burst", ...roles]);
  const rate = readRate(document, fields, defaultRate);
  const rateByRole: Partial<Record<Role, Rate>> = {};
  for (const role of roles) {
    const own = fields.get(role);
    if (own !== undefined) {
      const inner = document.entries(own, ["callsPerSecond", "burst"]);
      rateByRole[role] = readRate(document, inner, rate);
    }
  }
  return { rate, rateByRole };
}

function readRate(document: ConfigDocument, fields: ReadonlyMap<string, Field>, base: Rate): Rate {
  return {
    callsPerSecond:
      document.whole(fields.get("callsPerSecond"), 1, 1_000_000) ?? base.callsPerSecond,
    burst: document.whole(fields.get("burst"), 1, 1_000_000) ?? base.burst,
  };
}

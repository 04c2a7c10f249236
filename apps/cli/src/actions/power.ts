import { PowerDomain } from "@ertis/api";
import { ErtisError } from "@ertis/client";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printItems } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { renderPowerTree } from "../views/power-tree.ts";
import { isErtisError, type Session, withSession } from "./session.ts";

export interface PowerFlags extends ConnectionFlags, OutputFlags {
  readonly depth: number;
  readonly watch?: boolean;
}

/** What the trees of the named part, of one site or of all sites start from. */
export async function findScopes(
  session: Session,
  path: string,
): Promise<readonly { readonly site: string; readonly domainId: string }[]> {
  if (path !== "") {
    const isSite = !path.includes("/");
    return [isSite ? { site: path, domainId: "" } : { site: "", domainId: path }];
  }
  const { sites } = await session.client.serverInfo();
  return sites.map(({ id }) => ({ site: id, domainId: "" }));
}

const mostSuggestions = 8;
/** Deep enough for halls and rows, not for the thousands of racks. */
const suggestionDepth = 3;

/** Paths of domains that a person may have meant by this word, such as `hall-1`. */
async function findSimilar(session: Session, path: string): Promise<readonly string[]> {
  const word = path.toLowerCase();
  const found: string[] = [];
  for (const scope of await findScopes(session, "")) {
    for await (const { id } of session.client.powerTree({ ...scope, maxDepth: suggestionDepth })) {
      if (`/${id.toLowerCase()}`.endsWith(`/${word}`)) {
        found.push(id);
      }
    }
  }
  return found;
}

/** The refusal of an unknown path with what may have been meant; other errors as they are. */
async function explainUnknown(session: Session, path: string, error: unknown): Promise<unknown> {
  const isUnknown =
    isErtisError(error) && (error.reason === "UNKNOWN_SITE" || error.reason === "UNKNOWN_DOMAIN");
  if (!isUnknown || path === "") {
    return error;
  }
  const similar = await findSimilar(session, path);
  const some = similar.slice(0, mostSuggestions).join(", ");
  const more = similar.length > mostSuggestions ? " and more" : "";
  const { code, reason } = error;
  return new ErtisError({
    code,
    reason,
    message: `there is no site or domain ${path}`,
    advice:
      similar.length === 0
        ? '"ertis power" shows the sites, "ertis power -o name" the paths below them'
        : `one of these may be meant: ${some}${more}`,
    cause: error,
  });
}

async function readDomains(
  session: Session,
  path: string,
  maxDepth: number,
): Promise<PowerDomain[]> {
  const domains: PowerDomain[] = [];
  try {
    for (const scope of await findScopes(session, path)) {
      for await (const domain of session.client.powerTree({ ...scope, maxDepth })) {
        domains.push(domain);
      }
    }
  } catch (error) {
    throw await explainUnknown(session, path, error);
  }
  return domains;
}

export async function runPower(
  terminal: Terminal,
  path: string,
  flags: PowerFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    if (flags.watch === true) {
      const { watchPower } = await import("./watch-power.ts");
      const scopes = await findScopes(session, path);
      const deep = scopes.map((scope) => ({ ...scope, maxDepth: flags.depth }));
      try {
        return await watchPower(terminal, session, deep, flags);
      } catch (error) {
        throw await explainUnknown(session, path, error);
      }
    }
    const [domains, nowMs] = await Promise.all([
      readDomains(session, path, flags.depth),
      session.findNowMs(),
    ]);
    if (flags.output === "table" || flags.output === "wide") {
      const style = findStyle(terminal.env, terminal.stdout);
      const isWide = flags.output === "wide";
      const lines = renderPowerTree(domains, { style, hasHeaders: flags.headers, nowMs, isWide });
      terminal.stdout.write(`${lines.join("\n")}\n`);
      return exitCodes.ok;
    }
    await printItems(terminal, flags, domains, {
      columns: [],
      toJson: (domain) => PowerDomain.toJSON(domain),
      toName: ({ id }) => id,
    });
    return exitCodes.ok;
  });
}

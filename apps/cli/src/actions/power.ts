import { PowerDomain } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printItems } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { renderPowerTree } from "../views/power-tree.ts";
import { type Session, withSession } from "./session.ts";
import { explainUnknownDomain, findScopes } from "./unknown-domain.ts";

export interface PowerFlags extends ConnectionFlags, OutputFlags {
  readonly depth: number;
  readonly watch?: boolean;
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
    throw await explainUnknownDomain(session, path, error);
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
        throw await explainUnknownDomain(session, path, error);
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

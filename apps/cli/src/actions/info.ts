import { clockModeToJSON, GetServerInfoResponse, Role, roleToJSON } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { showCount, showDuration, showEnum, showTime, showWatts } from "../output/format.ts";
import { printOne } from "../output/print.ts";
import { findStyle, type Style } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { showAway, showUnmeasured } from "../views/away.ts";
import { renderFields } from "../views/fields.ts";
import { type Session, withSession } from "./session.ts";

function renderInfo(
  info: GetServerInfoResponse,
  session: Session,
  style: Style,
): readonly string[] {
  const { caller, limits } = info;
  const roles = (caller?.roles ?? [])
    .filter((role) => role !== Role.UNSPECIFIED)
    .map((role) => showEnum(role, roleToJSON, "ROLE_"));
  return renderFields(
    [
      { name: "scheduler", text: `${session.context.address}, version ${info.version}` },
      { name: "context", text: session.context.source },
      { name: "you are", text: `${caller?.name ?? "nobody"} (${roles.join(", ")})` },
      { name: "projects", text: (caller?.projects ?? []).join(", ") },
      {
        name: "clock",
        text: `${showTime(info.nowTimeMs)}, ${showEnum(info.clockMode, clockModeToJSON, "CLOCK_MODE_")}`,
      },
      ...info.sites.map((site) => ({
        name: "site",
        text:
          `${site.id}: ${showCount(site.nodeCount)} nodes, ${showCount(site.gpuCount)} GPUs ` +
          `(${site.gpuModels.join(", ")}), ${showWatts(site.usableWatts)} usable`,
      })),
      ...info.sites.map((site) => ({ name: "cluster", text: showAway(site, style) })),
      ...info.sites.map((site) => ({
        name: "measured",
        text: showUnmeasured(site, info.nowTimeMs, style),
      })),
      { name: "longest job", text: limits === undefined ? "" : showDuration(limits.maxWalltimeMs) },
      {
        name: "largest array",
        text: limits === undefined ? "" : `${showCount(limits.maxArrayTaskCount)} tasks`,
      },
    ],
    style,
  );
}

export async function runInfo(
  terminal: Terminal,
  flags: ConnectionFlags & OutputFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const info = await session.client.serverInfo();
    const style = findStyle(terminal.env, terminal.stdout);
    await printOne(terminal, flags, {
      lines: () => renderInfo(info, session, style),
      json: GetServerInfoResponse.toJSON(info),
      name: session.context.address,
    });
    return exitCodes.ok;
  });
}

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ComplianceReport, type Curtailment } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { describeFileError } from "../job-file/describe-file-error.ts";
import { printOne } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { renderCompliance, toCsv, toJobsCsv } from "../views/compliance.ts";
import { emergenciesBeside } from "../views/emergencies-beside.ts";
import { type Session, withSession } from "./session.ts";

export interface ComplianceFlags extends ConnectionFlags, OutputFlags {
  readonly csv?: string;
  readonly jobsCsv?: string;
}

function writeCsv(terminal: Terminal, path: string, text: string): void {
  if (path === "-") {
    terminal.stdout.write(text);
    return;
  }
  try {
    writeFileSync(resolve(terminal.cwd, path), text);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${describeFileError(error)}`);
  }
  terminal.stderr.write(`${toPrintable(path)} written\n`);
}

/** Asked for only where they may be why tiers are broken. */
async function emergenciesMeanwhile(
  { client }: Session,
  { curtailment, tierBrokenCount }: ComplianceReport,
): Promise<readonly Curtailment[]> {
  const all: Curtailment[] = [];
  if (curtailment === undefined || tierBrokenCount === 0) {
    return all;
  }
  for await (const one of client.curtailments({ includeEnded: true })) {
    all.push(one);
  }
  return emergenciesBeside(curtailment, all);
}

export async function runCompliance(
  terminal: Terminal,
  id: string,
  flags: ComplianceFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const [{ report }, nowMs] = await Promise.all([
      session.client.compliance(id),
      session.findNowMs(),
    ]);
    if (report === undefined) {
      terminal.stderr.write("the scheduler gives no report\n");
      return exitCodes.generic;
    }
    if (flags.csv !== undefined) {
      writeCsv(terminal, flags.csv, toCsv(report, nowMs));
    }
    if (flags.jobsCsv !== undefined) {
      writeCsv(terminal, flags.jobsCsv, toJobsCsv(report));
    }
    if (flags.csv !== undefined || flags.jobsCsv !== undefined) {
      return exitCodes.ok;
    }
    const style = findStyle(terminal.env, terminal.stdout);
    const emergencies = await emergenciesMeanwhile(session, report);
    await printOne(terminal, flags, {
      lines: () =>
        renderCompliance(report, { style, nowMs, hasHeaders: flags.headers, emergencies }),
      json: ComplianceReport.toJSON(report),
      name: id,
    });
    return exitCodes.ok;
  });
}

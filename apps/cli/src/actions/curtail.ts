import {
  type CancelCurtailmentResponse,
  Curtailment,
  ForeseenMiss,
  PreviewCurtailmentResponse,
} from "@ertis/api";
import { ErtisError } from "@ertis/client";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toRejectionExitCode } from "../exit-codes.ts";
import { showTimeFrom, showWatts } from "../output/format.ts";
import { type Listing, printItems, printOne } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { renderPreview } from "../views/curtailment-preview.ts";
import { renderRefusal } from "../views/curtailment-refusal.ts";
import {
  showGivenUp,
  showMode,
  showTarget,
  showWindow,
  toStateCell,
} from "../views/curtailment-words.ts";
import { renderVerdict, showVerdict } from "../views/curtailment-verdict.ts";
import { renderFields } from "../views/fields.ts";
import { renderMoved, withMoved } from "../views/moved-starts.ts";
import { type CurtailFlags, noteOfEnd, toCurtailmentSpec } from "./curtail-spec.ts";
import { isErtisError, withSession } from "./session.ts";
import { explainUnknownDomain, withKnownDomain } from "./unknown-domain.ts";

export interface CurtailAskFlags extends ConnectionFlags, OutputFlags, CurtailFlags {}

export interface CurtailListFlags extends ConnectionFlags, OutputFlags {
  readonly site?: string;
  readonly domain?: string;
  readonly all?: boolean;
}

interface Ask {
  readonly domainId: string;
  readonly target: string;
}

function checkReason(what: string, reason: string | undefined): string {
  if (reason === undefined || reason.trim() === "") {
    throw new UsageError(
      `${what} needs a reason`,
      'add for example --reason "order of the dispatcher"',
    );
  }
  return reason;
}

function tellEnd(terminal: Terminal, note: string | undefined): void {
  if (note !== undefined) {
    terminal.stderr.write(`${note}\n`);
  }
}

export async function runCurtailPreview(
  terminal: Terminal,
  ask: Ask,
  flags: CurtailAskFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const nowMs = await session.findNowMs();
    const spec = toCurtailmentSpec(ask, flags, nowMs);
    tellEnd(terminal, noteOfEnd(flags, spec, nowMs));
    const answer = await withKnownDomain(
      session,
      ask.domainId,
      session.client.previewCurtailment(spec),
    );
    const { result } = answer;
    if (
      result?.$case === "refusal" &&
      result.value.rejection?.reason === "UNKNOWN_DOMAIN" &&
      (flags.output === "table" || flags.output === "wide")
    ) {
      const { reason, message } = result.value.rejection;
      const unknown = new ErtisError({ code: "NOT_FOUND", reason, message });
      throw await explainUnknownDomain(session, ask.domainId, unknown);
    }
    const style = findStyle(terminal.env, terminal.stdout);
    const view = { style, nowMs: answer.computedAtTimeMs, hasHeaders: flags.headers };
    await printOne(terminal, flags, {
      lines: () =>
        result === undefined
          ? ["the scheduler gives no answer"]
          : result.$case === "preview"
            ? renderPreview(result.value, view)
            : renderRefusal(result.value, view),
      json: PreviewCurtailmentResponse.toJSON(answer),
      name: result?.$case ?? "",
    });
    if (result?.$case === "refusal") {
      // The same as "schedule" would give.
      return toRejectionExitCode(result.value.rejection?.reason ?? "");
    }
    return result?.value.isTargetMet === false ? exitCodes.targetMissed : exitCodes.ok;
  });
}

/** A refusal of the floors with the command that says which. */
function explainInfeasible(error: unknown, ask: Ask): unknown {
  if (!isErtisError(error) || error.reason !== "CURTAILMENT_BREAKS_FLOORS") {
    return error;
  }
  const { code, reason, message } = error;
  return new ErtisError({
    code,
    reason,
    message,
    advice: `"ertis curtail preview ${ask.domainId} ${JSON.stringify(ask.target.replace("\u2212", "-"))} …" with the same options shows what each tier's floors would free; "--give-up" orders it without those floors, where that is enough`,
    cause: error,
  });
}

export async function runCurtailSchedule(
  terminal: Terminal,
  { id, ...ask }: Ask & { readonly id: string },
  flags: CurtailAskFlags,
): Promise<ExitCode> {
  checkReason("a curtailment", flags.reason);
  return withSession(terminal, flags, async (session) => {
    const nowMs = await session.findNowMs();
    const spec = toCurtailmentSpec(ask, flags, nowMs);
    tellEnd(terminal, noteOfEnd(flags, spec, nowMs));
    const answer = await scheduled(
      withKnownDomain(session, ask.domainId, session.client.scheduleCurtailment(id, spec)),
      ask,
    );
    const { curtailment, movedStarts, foreseenMiss } = answer;
    if (curtailment === undefined) {
      return exitCodes.generic;
    }
    const { rampMs } = curtailment;
    const style = findStyle(terminal.env, terminal.stdout);
    if (foreseenMiss !== undefined && flags.output === "name") {
      terminal.stderr.write(`${toPrintable(id)} ${showVerdict({ ...foreseenMiss, rampMs })}\n`);
    }
    await printOne(terminal, flags, {
      lines: () => [
        `curtailment ${toPrintable(id)} scheduled; "ertis curtail compliance ${toPrintable(id)}" tells how it is kept`,
        ...(foreseenMiss === undefined ? [] : [renderVerdict({ ...foreseenMiss, rampMs }, style)]),
        ...renderFields(
          [
            { name: "domain", text: curtailment.domainId },
            { name: "target", text: showTarget(curtailment) },
            { name: "when", text: showWindow(curtailment, nowMs) },
            { name: "mode", text: showMode(curtailment.mode) },
            { name: "given up", text: showGivenUp(curtailment) },
          ],
          style,
        ),
        ...renderMoved(movedStarts, { style, nowMs, hasHeaders: flags.headers }),
      ],
      json: withMissed(withMoved(Curtailment.toJSON(curtailment), movedStarts), foreseenMiss),
      name: curtailment.id,
    });
    return exitCodes.ok;
  });
}

function withMissed(item: object, missed: ForeseenMiss | undefined): object {
  return missed === undefined ? item : { ...item, foreseenMiss: ForeseenMiss.toJSON(missed) };
}

async function scheduled<Answer>(call: Promise<Answer>, ask: Ask): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw explainInfeasible(error, ask);
  }
}

export async function runCurtailCancel(
  terminal: Terminal,
  id: string,
  flags: ConnectionFlags & OutputFlags & { readonly reason?: string },
): Promise<ExitCode> {
  const reason = checkReason("a cancel", flags.reason);
  return withSession(terminal, flags, async (session) => {
    const answer = await session.client.cancelCurtailment(id, reason);
    const { curtailment, cappedCount, pausedCount } = answer;
    await printOne(terminal, flags, {
      lines: () => [`curtailment ${toPrintable(id)} cancelled${showAfterCancel(answer)}`],
      json: Object.assign(
        {},
        curtailment && Curtailment.toJSON(curtailment),
        cappedCount > 0 ? { cappedCount } : {},
        pausedCount > 0 ? { pausedCount } : {},
      ),
      name: id,
    });
    return exitCodes.ok;
  });
}

function hasNeverBegun({ startTimeMs, cancelledTimeMs }: Curtailment): boolean {
  return cancelledTimeMs !== 0 && cancelledTimeMs <= startTimeMs;
}

/** A planned one lowers caps before its start, too. */
function showAfterCancel(answer: CancelCurtailmentResponse): string {
  const { curtailment, cappedCount, pausedCount } = answer;
  const isEarly = curtailment !== undefined && hasNeverBegun(curtailment);
  const back = [
    ...(cappedCount > 0 ? ["caps rise again, within the ramps"] : []),
    ...(pausedCount > 0 ? ["who is paused goes on"] : []),
  ];
  const what = back.length === 0 ? "no cap had been lowered for it" : back.join(", and ");
  return `${isEarly ? " before it began" : ""}: ${what}`;
}

/** Of a cancelled one: when it was, or that it never began. */
function showEnd(curtailment: Curtailment, nowMs: number): string {
  const { endTimeMs, cancelledTimeMs } = curtailment;
  if (hasNeverBegun(curtailment)) {
    return "never began";
  }
  return showTimeFrom(cancelledTimeMs === 0 ? endTimeMs : cancelledTimeMs, nowMs);
}

function createListing(nowMs: number, isUnicode: boolean): Listing<Curtailment> {
  return {
    columns: [
      { title: "CURTAILMENT", cell: ({ id }) => id },
      { title: "STATE", cell: ({ state }) => toStateCell(state, isUnicode) },
      { title: "DOMAIN", cell: ({ domainId }) => domainId, shrinkTo: 14, cutAt: "start" },
      { title: "TARGET", align: "right", cell: ({ targetWatts }) => showWatts(targetWatts) },
      {
        title: "BASELINE",
        align: "right",
        dropOrder: 5,
        cell: ({ baselineWatts }) => showWatts(baselineWatts),
      },
      { title: "MODE", dropOrder: 6, cell: ({ mode }) => showMode(mode) },
      { title: "START", dropOrder: 7, cell: ({ startTimeMs }) => showTimeFrom(startTimeMs, nowMs) },
      { title: "END", dropOrder: 4, cell: (curtailment) => showEnd(curtailment, nowMs) },
      { title: "SET BY", cell: ({ setBy }) => setBy, shrinkTo: 6, dropOrder: 1 },
      { title: "REASON", cell: ({ reason }) => reason, shrinkTo: 6, dropOrder: 3 },
    ],
    toJson: (curtailment) => Curtailment.toJSON(curtailment),
    toName: ({ id }) => id,
  };
}

export async function runCurtailList(
  terminal: Terminal,
  flags: CurtailListFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const found: Curtailment[] = [];
    const scope = {
      includeEnded: flags.all ?? false,
      ...(flags.site === undefined ? {} : { site: flags.site }),
      ...(flags.domain === undefined ? {} : { domainId: flags.domain }),
    };
    for await (const curtailment of session.client.curtailments(scope)) {
      found.push(curtailment);
    }
    const { isUnicode } = findStyle(terminal.env, terminal.stdout);
    // The server gives the last to begin first; a table of what is to come is read from the next one on.
    found.sort((a, b) => a.startTimeMs - b.startTimeMs || (a.id < b.id ? -1 : 1));
    await printItems(terminal, flags, found, createListing(await session.findNowMs(), isUnicode));
    if (found.length === 0) {
      const hint = flags.all === true ? "" : "; --all shows those that are over";
      terminal.stderr.write(`no curtailments${hint}\n`);
    }
    return exitCodes.ok;
  });
}

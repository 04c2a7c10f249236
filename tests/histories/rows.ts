import { type Command, decodeEntry, encodeEntry, type Entry } from "@ertis/scheduler-engine";

type Measure = Extract<Command, { readonly kind: "measure" }>;

/** What meters said of one attempt, in whole watts; the last one only where GPUs have meters. */
type Reading = readonly [job: number, task: number, attempt: number, watts: number, gpuWatts?: number];

interface Row {
  readonly readings?: readonly Reading[];
}

/**
 * A decision as a row of its log, with what attempts were measured to draw behind it: a log leaves most of that
 * out, and without it needs could not be learned again.
 */
export function rowOf(command: Command, entry: Entry): string {
  const readings = command.kind === "measure" ? readingsOf(command) : [];
  const row = encodeEntry(entry);
  return readings.length === 0 ? row : JSON.stringify({ ...JSON.parse(row), readings });
}

function readingsOf({ attempts }: Measure): readonly Reading[] {
  return attempts.map(({ attempt: { job, task, attempt }, watts, gpuWatts }): Reading =>
    gpuWatts === undefined ? [job, task, attempt, watts] : [job, task, attempt, watts, gpuWatts],
  );
}

/** The command behind a row. What a submit brought, or a measurement, stands in its event alone. */
export function commandOf(row: string): Command {
  const { command, events } = decodeEntry(row);
  if (command.kind === "submit-jobs") {
    const submitted = events.find((event) => event.kind === "jobs-submitted");
    const { kind, at } = command;
    return { kind, at, owner: submitted?.owner ?? "", items: submitted?.items ?? [] };
  }
  if (command.kind === "measure") {
    const measured = events.find((event) => event.kind === "draw-measured");
    const watts = measured?.watts ?? [];
    const domains = (measured?.domains ?? []).map((domain, index) => ({
      domain,
      watts: watts[index] ?? 0,
    }));
    return { ...command, domains, attempts: attemptsOf(row) ?? measured?.attempts ?? [] };
  }
  return command;
}

function attemptsOf(row: string): Measure["attempts"] | undefined {
  const { readings }: Row = JSON.parse(row);
  return readings?.map(([job, task, attempt, watts, gpuWatts]) => ({
    attempt: { job, task, attempt },
    watts,
    ...(gpuWatts === undefined ? {} : { gpuWatts }),
  }));
}

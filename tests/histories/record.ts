import { writeFileSync } from "node:fs";
import { decodeEntry } from "@ertis/scheduler-engine";
import { isOfPower, kindsOfPower } from "./power-kinds.ts";
import { playPower } from "./power-scene.ts";
import { playQueue } from "./queue-scene.ts";

/**
 * Records a history: what came of it, then the rows of its log. Names that end in `-power` are of caps,
 * curtailments, accounts and ramps, others of a queue at full power. Run once a release, under new
 * names; what older releases wrote is never recorded anew.
 *
 *   node tests/histories/record.ts tests/histories/NAME.jsonl tests/histories/NAME-power.jsonl
 */
const files = process.argv.slice(2);
if (files.length === 0) {
  throw new Error("name the files to write");
}

for (const file of files) {
  const hub = await (isOfPower(file) ? playPower() : playQueue());
  const { outcome, rows } = await hub.finish();
  const events = rows.flatMap((row) => decodeEntry(row).events);
  const counts = new Map<string, number>();
  for (const { kind } of events) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const absent = isOfPower(file) ? kindsOfPower.filter((kind) => !counts.has(kind)) : [];
  const { size } = counts;
  console.log(
    `${file}: ${rows.length} rows, ${outcome.states.length} jobs, ${size} kinds of events`,
  );
  console.log([...counts].map(([kind, count]) => `${count} ${kind}`).join(", "));
  if (absent.length > 0) {
    throw new Error(`${file} was not written: nothing in it is ${absent.join(", ")}`);
  }
  writeFileSync(file, `${[JSON.stringify(outcome), ...rows].join("\n")}\n`);
}

import { Command } from "commander";
import { buildToolchain } from "./build/build-toolchain.ts";
import { doctorText } from "./doctor/doctor-text.ts";
import { lookAround } from "./doctor/look.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function build(): Promise<void> {
  const startMs = performance.now();
  const result = await buildToolchain({ say });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (result.kind === "incomplete") {
    for (const problem of result.problems) {
      process.stderr.write(`${problem}\n`);
    }
    process.stderr.write("`npm run toolchain -- doctor` says what does not run without them.\n");
    process.exitCode = 1;
    return;
  }
  say(`toolchain ready in ${seconds} s: ${result.toolchain.binDirectory}`);
}

await new Command("toolchain")
  .description(
    "Brings the programs of the infrastructure half: from PATH, else built from Go modules",
  )
  .action(build)
  .addCommand(
    new Command("doctor")
      .description("what is there, from where, and what does not run without it")
      .action(async () => {
        say(doctorText(await lookAround()));
      }),
  )
  .parseAsync();

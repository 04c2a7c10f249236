import { Command, InvalidArgumentError } from "commander";
import { ClusterProblem } from "./clusters/cluster-problem.ts";
import { down, status, up } from "./clusters/commands.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function parseHostCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new InvalidArgumentError(
      `${JSON.stringify(text)} is not a whole number from 1 to 999999`,
    );
  }
  return Number(text);
}

const program = new Command("clusters").description(
  "Local control planes on loopback: management, and one per hall with GPU nodes that kwok plays",
);

program
  .command("up")
  .description("bring clusters up; those that are up already stay")
  .argument("[names...]", "management or halls (default: the local profile)")
  .option(
    "--hosts-per-site <count>",
    "GPU hosts of a site, spread over its halls of the local profile",
    parseHostCount,
    32,
  )
  .action(async (names: readonly string[], options: { readonly hostsPerSite: number }) => {
    await up({ names, hostsPerSiteCount: options.hostsPerSite, say });
  });

program
  .command("status")
  .description("which are up, and how")
  .action(async () => {
    await status(say);
  });

program
  .command("down")
  .description("end clusters that `up` started, and local-world with management; remove their data")
  .argument("[names...]", "default: all")
  .action(async (names: readonly string[]) => {
    await down(names, say);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ClusterProblem)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

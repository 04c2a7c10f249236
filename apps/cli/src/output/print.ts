import type { OutputFlags } from "../commands/options.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Column, renderTable } from "./table.ts";

/** How items of one kind are shown in each format. */
export interface Listing<Item> {
  readonly columns: readonly Column<Item>[];
  /** As the contract's JSON. */
  readonly toJson: (item: Item) => unknown;
  /** For `-o name`. */
  readonly toName: (item: Item) => string;
}

async function toYaml(value: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(value, { lineWidth: 0 });
}

/** Prints items in the format asked for; an empty table says so on standard error. */
export async function printItems<Item>(
  terminal: Terminal,
  flags: OutputFlags,
  items: readonly Item[],
  listing: Listing<Item>,
): Promise<void> {
  const { stdout } = terminal;
  const say = (lines: readonly string[]): void => {
    if (lines.length > 0) {
      stdout.write(`${lines.join("\n")}\n`);
    }
  };
  switch (flags.output) {
    case "json":
      stdout.write(`${JSON.stringify(items.map(listing.toJson), undefined, 2)}\n`);
      return;
    case "jsonl":
      say(items.map((item) => JSON.stringify(listing.toJson(item))));
      return;
    case "yaml":
      stdout.write(await toYaml(items.map(listing.toJson)));
      return;
    case "name":
      say(items.map(listing.toName));
      return;
    case "table":
    case "wide": {
      const style = findStyle(terminal.env, stdout);
      const isWide = flags.output === "wide";
      if (items.length > 0) {
        say(renderTable(items, listing.columns, style, { hasHeaders: flags.headers, isWide }));
      }
      return;
    }
  }
}

/** Prints one thing: as lines for people, or whole in the format asked for. */
export async function printOne(
  terminal: Terminal,
  flags: OutputFlags,
  one: { readonly lines: () => readonly string[]; readonly json: unknown; readonly name: string },
): Promise<void> {
  const { stdout } = terminal;
  switch (flags.output) {
    case "json":
      stdout.write(`${JSON.stringify(one.json, undefined, 2)}\n`);
      return;
    case "jsonl":
      stdout.write(`${JSON.stringify(one.json)}\n`);
      return;
    case "yaml":
      stdout.write(await toYaml(one.json));
      return;
    case "name":
      stdout.write(`${one.name}\n`);
      return;
    case "table":
    case "wide":
      stdout.write(`${one.lines().join("\n")}\n`);
      return;
  }
}

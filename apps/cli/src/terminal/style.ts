import type { Output } from "./terminal.ts";

/** What a terminal can show. */
export interface Style {
  readonly isColoured: boolean;
  /** False: ASCII only. */
  readonly isUnicode: boolean;
  /** Columns to fit into; undefined = as wide as it gets (a pipe or a file). */
  readonly width: number | undefined;
}

/** Colours by meaning, never alone: a symbol and a word always stand beside them. */
export type Tone = "good" | "busy" | "warn" | "bad" | "dim" | "strong";

const codes: Readonly<Record<Tone, string>> = {
  good: "32",
  busy: "36",
  warn: "33",
  bad: "31",
  dim: "2",
  strong: "1",
};

export function paint(style: Style, tone: Tone | undefined, text: string): string {
  if (!style.isColoured || tone === undefined || text === "") {
    return text;
  }
  return `\u001B[${codes[tone]}m${text}\u001B[0m`;
}

type Env = Readonly<Record<string, string | undefined>>;

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** NO_COLOR, FORCE_COLOR (`0` = off) and TERM=dumb decide before the terminal does (no-color.org). */
function findColour(env: Env, output: Output): boolean {
  const forced = env["FORCE_COLOR"];
  if (isSet(env["NO_COLOR"])) {
    return false;
  }
  if (isSet(forced)) {
    return forced !== "0" && forced !== "false";
  }
  return output.isTty && env["TERM"] !== "dumb";
}

/** UTF-8 unless the locale names something else or the terminal is known for no more than ASCII. */
function findUnicode(env: Env): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet);
  const isOther = locale !== undefined && !/utf-?8/i.test(locale);
  return !isOther && env["TERM"] !== "dumb" && env["TERM"] !== "linux";
}

/** What can be shown on this output. COLUMNS wins over what the terminal says. */
export function findStyle(env: Env, output: Output): Style {
  const columns = Number(env["COLUMNS"]);
  const width = Number.isInteger(columns) && columns > 0 ? columns : output.columns();
  return {
    isColoured: findColour(env, output),
    isUnicode: findUnicode(env),
    width: output.isTty ? width : undefined,
  };
}

import type { Reporter } from "@ertis/scheduler-runtime";

/** One line a message on standard error: time, level, words, facts. */
export function createLineReporter(write: (line: string) => void): Reporter {
  const line = (
    level: string,
    message: string,
    facts: Readonly<Record<string, string | number>>,
  ): void => {
    const words = Object.entries(facts).map(([name, value]) => `${name}=${shown(value)}`);
    write(`${[new Date().toISOString(), level, message, ...words].join(" ")}\n`);
  };
  return {
    info: (message, facts) => line("info", message, facts),
    warn: (message, facts) => line("warn", message, facts),
  };
}

/** A value never breaks the line or runs into the next one. */
function shown(value: string | number): string {
  const text = String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}

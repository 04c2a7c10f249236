/**
 * Fields of the contract in the words of people: `spec.walltime_ms` is the `walltime`,
 * `items[3].spec.checkpoint.save_ms` the `checkpoint save`. Labels and variables keep their key.
 */
export function sayFields(text: string): string {
  return text.replace(
    /\b(?:items\[\d+\]\.)?(?:spec\.[a-z_]+(?:\.[a-z_]+)*|[a-z]+(?:_[a-z]+)*_ms)\b/g,
    (field) =>
      field
        .replace(/^(?:items\[\d+\]\.)?spec\./, "")
        .replace(/(?:_time)?_ms$/, "")
        .replaceAll(/[_.]/g, " "),
  );
}

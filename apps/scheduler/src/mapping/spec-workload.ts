import type { JobSpec as ApiJobSpec } from "@ertis/api";
import {
  argumentBytesMax,
  argumentCountMax,
  envBytesMax,
  envCountMax,
  imageLengthMax,
  labelCountMax,
  labelKeyLengthMax,
  labelValueLengthMax,
  scriptBytesMax,
  workingDirectoryLengthMax,
} from "../limits/limits.ts";
import { quoted, type Violation } from "./violation.ts";

const imagePattern = /^[A-Za-z0-9][A-Za-z0-9._/:@+-]*$/;
const labelKey = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const envName = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const labelValue = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

/** Image or script, and what belongs to them. */
export function checkProgram(spec: ApiJobSpec, violations: Violation[]): void {
  const { image, script, command, args, workingDirectory } = spec;
  if (image === "" && script === "") {
    violations.push({
      field: "spec.image",
      description: "is empty and so is spec.script; set one of them",
    });
  } else if (image !== "" && (image.length > imageLengthMax || !imagePattern.test(image))) {
    violations.push({
      field: "spec.image",
      description: `found ${quoted(image)}, but an image is written like registry/name@sha256:… in at most ${imageLengthMax} characters`,
    });
  }
  if (script !== "") {
    checkScript(script, command, violations);
  }
  if (command.length > 0) {
    checkArguments("spec.command", command, violations);
  }
  if (args.length > 0) {
    checkArguments("spec.args", args, violations);
  }
  if (workingDirectory !== "" && !isAbsolutePath(workingDirectory)) {
    violations.push({
      field: "spec.working_directory",
      description: `found ${quoted(workingDirectory)}, but an absolute path of at most ${workingDirectoryLengthMax} characters is needed`,
    });
  }
}

function isAbsolutePath(path: string): boolean {
  return path.startsWith("/") && path.length <= workingDirectoryLengthMax && labelValue.test(path);
}

function checkScript(script: string, command: readonly string[], violations: Violation[]): void {
  const field = "spec.script";
  const bytes = bytesOf(script, scriptBytesMax);
  if (bytes > scriptBytesMax) {
    violations.push({
      field,
      description: `found ${bytes} bytes, but at most ${scriptBytesMax} are allowed; put it into the image or a dataset`,
    });
  }
  if (script.includes("\0")) {
    violations.push({ field, description: "holds a NUL character; a script is text" });
  }
  if (!script.startsWith("#!")) {
    violations.push({
      field,
      description: 'has no first line like "#!/bin/bash"; it says which program reads the script',
    });
  }
  if (command.length > 0) {
    violations.push({
      field: "spec.command",
      description: "is set beside spec.script, which takes its place; leave one out",
    });
  }
}

function checkArguments(field: string, texts: readonly string[], violations: Violation[]): void {
  if (texts.length > argumentCountMax) {
    violations.push({
      field,
      description: `found ${texts.length} entries, but at most ${argumentCountMax} are allowed; use a script`,
    });
    return;
  }
  let bytes = 0;
  for (const [index, text] of texts.entries()) {
    bytes += bytesOf(text, argumentBytesMax);
    if (text.includes("\0")) {
      violations.push({ field: `${field}[${index}]`, description: "holds a NUL character" });
    }
  }
  if (bytes > argumentBytesMax) {
    violations.push({
      field,
      description: `found ${bytes} bytes in all, but at most ${argumentBytesMax} are allowed; use a script`,
    });
  }
}

export function checkLabels(
  labels: ReadonlyMap<string, string>,
  violations: Violation[],
  field = "spec.labels",
): void {
  if (labels.size === 0) {
    return;
  }
  if (labels.size > labelCountMax) {
    violations.push({
      field,
      description: `found ${labels.size} labels, but at most ${labelCountMax} are allowed`,
    });
    return;
  }
  for (const [key, value] of labels) {
    if (!labelKey.test(key)) {
      violations.push({
        field: `${field}[${quoted(key)}]`,
        description: `is no label key: 1 to ${labelKeyLengthMax} letters, digits, dots, dashes, slashes or underscores, the first and last a letter or digit`,
      });
    }
    if (value.length > labelValueLengthMax || !labelValue.test(value)) {
      violations.push({
        field: `${field}[${quoted(key)}]`,
        description: `found ${quoted(value)}, but a value has at most ${labelValueLengthMax} characters, none of them a control character`,
      });
    }
  }
}

export function checkEnv(env: ReadonlyMap<string, string>, violations: Violation[]): void {
  if (env.size === 0) {
    return;
  }
  const field = "spec.env";
  if (env.size > envCountMax) {
    violations.push({
      field,
      description: `found ${env.size} variables, but at most ${envCountMax} are allowed`,
    });
    return;
  }
  let bytes = 0;
  for (const [name, value] of env) {
    bytes += name.length + bytesOf(value, envBytesMax);
    // A plain object would take this one for its prototype.
    if (!envName.test(name) || name === "__proto__") {
      violations.push({
        field: `${field}[${quoted(name)}]`,
        description: "is no name of a variable: letters, digits and underscores, no digit first",
      });
    }
    if (value.includes("\0")) {
      violations.push({
        field: `${field}[${quoted(name)}]`,
        description: "holds a NUL character",
      });
    }
  }
  if (bytes > envBytesMax) {
    violations.push({
      field,
      description: `found ${bytes} bytes in all, but at most ${envBytesMax} are allowed; use a file`,
    });
  }
}

/** Bytes in UTF-8; counted only where the number of characters leaves a doubt. */
function bytesOf(text: string, bytesMax: number): number {
  return text.length * 3 <= bytesMax ? text.length : Buffer.byteLength(text);
}

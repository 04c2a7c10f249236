import { hash } from "node:crypto";

const tokenLengthMax = 1_024;

/** A short mark of the question, so that a token cannot be used with another one. */
export function questionMark(question: unknown): string {
  return hash("sha256", JSON.stringify(question, withMaps), "base64url").slice(0, 12);
}

function withMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value].map(String).toSorted() : value;
}

export function encodePageToken(position: string, mark: string): string {
  return Buffer.from(`${mark} ${position}`).toString("base64url");
}

/** The position, or undefined when the token is not ours or belongs to another question. */
export function decodePageToken(token: string, mark: string): string | undefined {
  if (token.length > tokenLengthMax) {
    return undefined;
  }
  const text = Buffer.from(token, "base64url").toString();
  return text.startsWith(`${mark} `) ? text.slice(mark.length + 1) : undefined;
}

export const pageTokenRule =
  "this page token does not belong to this question; send the fields of the first page unchanged, or start without a token";

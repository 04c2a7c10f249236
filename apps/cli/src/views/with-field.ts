import { sayFields } from "../output/field-words.ts";

/** For people: the sentence with its field in front, unless it begins with it already. */
export function withField(field: string, message: string): string {
  return sayFields(field === "" || message.startsWith(field) ? message : `${field}: ${message}`);
}

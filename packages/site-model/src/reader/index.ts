export { Block, type BlockShape } from "./block.ts";
export { readDocument } from "./document.ts";
export type { FileAdvice, FileForm } from "./file-form.ts";
export {
  type Located,
  type Place,
  Problems,
  type SiteFileError,
  type SourceLine,
  topOfFile,
} from "./problems.ts";
export { namesSource, oneOf, readText, type TextParser, type TextResult, whole } from "./texts.ts";
export { describe, type Entry, type Value } from "./value.ts";
export { counted, didYouMean, listed, quotedText } from "./words.ts";

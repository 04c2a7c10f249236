import * as pulumi from "@pulumi/pulumi";

/**
 * An expected refusal: the message says what was found, what is allowed and what to do. The language
 * runtime prints the message of a RunError alone, without a stack trace, and the engine keeps what the
 * stack had.
 */
export class StackError extends pulumi.RunError {
  override readonly name = "StackError";
}

/**
 * Ertis's own lint rules, loaded by oxlint (`jsPlugins` in `.oxlintrc.json`).
 *
 * They look at syntax only; what needs types is left to the type-aware rules of oxlint itself.
 */

/** The part of an ESTree node these rules read. */
interface SyntaxNode {
  readonly type: string;
  readonly name?: string;
  readonly async?: boolean;
  readonly await?: boolean;
  readonly computed?: boolean;
  readonly key?: SyntaxNode;
  readonly typeAnnotation?: SyntaxNode | null;
}

interface RuleContext {
  report(finding: { readonly node: SyntaxNode; readonly message: string }): void;
}

type Visitor = Readonly<Record<string, (node: SyntaxNode) => void>>;

interface Rule {
  create(context: RuleContext): Visitor;
}

/**
 * Last words of a name that mean a physical quantity, which is nothing without its unit. Words that
 * as often mean a count (limit, size, bound) are left out: a rule that cries wolf is switched off.
 */
const quantityWords =
  /(?:^|[a-z])(power|energy|draw|budget|reservation|timeout|delay|duration|interval|walltime|wait|elapsed|deadline|latency|temperature|memory)$/i;

function lacksUnit(name: string): boolean {
  const lastWord = /[A-Z]?[a-z]+$/.exec(name)?.[0] ?? name;
  return quantityWords.test(lastWord);
}

function isBareNumber(node: SyntaxNode | null | undefined): boolean {
  const type = node?.type === "TSTypeAnnotation" ? node.typeAnnotation : node;
  return type?.type === "TSNumberKeyword" || type?.type === "TSBigIntKeyword";
}

/** Refuses `budget: number`: a plain number says its unit in its name, `budgetWatts: number`. */
const numberHasUnit: Rule = {
  create(context) {
    const check = (node: SyntaxNode, name: SyntaxNode | undefined): void => {
      if (name?.type !== "Identifier" || name.name === undefined) {
        return;
      }
      if (isBareNumber(node.typeAnnotation) && lacksUnit(name.name)) {
        context.report({
          node,
          message: `"${name.name}" is a plain number without a unit; put the unit last in the name (Watts, Ms, Joules, Bytes, Celsius) or use a quantity of @ertis/quantities`,
        });
      }
    };
    const checkMember = (node: SyntaxNode): void => {
      if (node.computed !== true) {
        check(node, node.key);
      }
    };
    return {
      Identifier: (node) => check(node, node),
      PropertyDefinition: checkMember,
      TSPropertySignature: checkMember,
    };
  },
};

/** Refuses `async`, `await` and `for await`: a pure decision finishes before anything else runs. */
const noAsync: Rule = {
  create(context) {
    const checkFunction = (node: SyntaxNode): void => {
      if (node.async === true) {
        context.report({
          node,
          message:
            "this package is synchronous; move what waits to scheduler-runtime or an adapter",
        });
      }
    };
    const refuse = (node: SyntaxNode): void => {
      context.report({ node, message: "this package is synchronous; nothing in it may wait" });
    };
    return {
      ArrowFunctionExpression: checkFunction,
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      AwaitExpression: refuse,
      ForOfStatement: (node) => {
        if (node.await === true) {
          refuse(node);
        }
      },
    };
  },
};

const plugin: {
  readonly meta: { readonly name: string };
  readonly rules: Readonly<Record<string, Rule>>;
} = {
  meta: { name: "tidy" },
  rules: { "number-has-unit": numberHasUnit, "no-async": noAsync },
};

// oxlint loads a plugin by its default export.
export default plugin;

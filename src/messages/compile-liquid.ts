/**
 * A template text as a function. LiquidJS reads and validates it; what runs is closures over its syntax tree: writing one email (subject, HTML, text) took 205
 * microseconds through LiquidJS and takes 10 to 40 through these, a text message 13 and 2 to 9 (Node 24, one shared core). The language is small on purpose:
 * `{{ group.name }}`, `if`/`elsif`/`else`, `unless`, `for session in sessions`, comparisons with `and`, `or`, `not`. No filters, no assignments, no other
 * loops: a text can neither compute nor run away.
 */
import {
  CommentTag,
  ForTag,
  IfTag,
  InlineCommentTag,
  Liquid,
  LiquidError,
  Output,
  type Template,
  type Token,
  TypeGuards,
  UnlessTag,
} from "liquidjs";
import { escapeHtml } from "./escape-html.ts";
import { keepTogether } from "./keep-together.ts";
import type { MessagePart, Reader, Telling, Value } from "./telling.ts";
import { findVariable, isPrintable } from "./variables.ts";

/** Writes the text for one touchpoint; throws {@link MissingValue} where it prints what the facts do not have. */
export type Write = (telling: Telling) => string;

/** What stands in a template that cannot be compiled, and what would be right. */
export class LiquidFault extends Error {
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string) {
    super(`${found}: expected ${expected}`);
    this.found = found.slice(0, 80);
    this.expected = expected;
  }
}

/** A variable that is printed without a condition and has no value here. */
export class MissingValue extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`no ${variable}`);
    this.variable = variable;
  }
}

const MAX_LENGTH = 200_000;

/** `templates: {}` keeps every look-up away from the file system. Only parsing happens here: escaping is ours ({@link escapeHtml}), and nothing can loop. */
const liquid = new Liquid({
  templates: {},
  strictFilters: true,
  parseLimit: MAX_LENGTH,
});

/** Parses and compiles; `html` escapes what it prints, the other parts print as it is. Throws {@link LiquidFault}. */
export function compileLiquid(source: string, part: MessagePart): Write {
  return compileList(parse(source), part);
}

function parse(source: string): Template[] {
  try {
    return liquid.parse(source);
  } catch (error) {
    if (!LiquidError.is(error) && !(error instanceof Error && error.name === "AssertionError")) throw error;
    throw new LiquidFault(error.message.split("\n")[0] ?? "", `Liquid of at most ${MAX_LENGTH} characters that can be parsed`);
  }
}

function compileList(nodes: readonly Template[], part: MessagePart): Write {
  const writes = nodes.flatMap((node) => compileNode(node, part) ?? []);
  const [first] = writes;
  if (writes.length === 1 && first) return first;
  const pieces = writes.map((write) => ({ write, mayLeadWithStop: leadsWithStop.has(write) }));
  return marked(
    (telling) => {
      let text = "";
      // Only where a full stop may meet another is the text looked into: that copies what was written so far.
      for (const { write, mayLeadWithStop } of pieces) text = mayLeadWithStop ? join(text, write(telling)) : text + write(telling);
      return text;
    },
    first ? [first] : [],
  );
}

const leadsWithStop = new WeakSet<Write>();

/** Writes of which one comes first in `write` decide whether it may begin with a full stop. */
function marked(write: Write, leading: readonly Write[]): Write {
  if (leading.some((each) => leadsWithStop.has(each))) leadsWithStop.add(write);
  return write;
}

/** One full stop is enough after a value that ends in one, such as "9:00 a. m.". */
function join(before: string, after: string): string {
  return after.startsWith(".") && before.endsWith(".") ? before + after.slice(1) : before + after;
}

function compileNode(node: Template, part: MessagePart): Write | undefined {
  if (TypeGuards.isHTMLToken(node.token)) return compileText(node.token.getContent());
  if (node instanceof Output) return compileOutput(node, part);
  if (node instanceof IfTag) return compileBranches(node, part);
  if (node instanceof UnlessTag) return compileUnless(node, part);
  if (node instanceof ForTag) return compileLoop(node, part);
  if (node instanceof CommentTag || node instanceof InlineCommentTag) return undefined;
  throw new LiquidFault(node.token.getText(), "only if, unless, for session in sessions, and comments");
}

function compileText(text: string): Write {
  const write = () => text;
  if (text.startsWith(".")) leadsWithStop.add(write);
  return write;
}

function compileOutput(node: Output, part: MessagePart): Write {
  const [token, ...rest] = node.value.initial.postfix;
  if (node.value.filters.length || rest.length || !token) throw new LiquidFault(node.token.getText(), "one variable without a filter");
  const { name, read } = variableOf(token, part);
  if (!isPrintable(name)) throw new LiquidFault(name, "a variable that may be printed; this one is for conditions");
  const print = part === "html" ? (text: string) => keepTogether(escapeHtml(text)) : String;
  return (telling) => {
    const value = read(telling);
    if (typeof value === "string") return print(value);
    if (typeof value === "number") return String(value);
    throw new MissingValue(name);
  };
}

function compileBranches(node: IfTag, part: MessagePart): Write {
  const branches = node.branches.map(({ value, templates }) => ({
    holds: compileCondition(value.initial.postfix, part),
    write: compileList(templates, part),
  }));
  const otherwise = compileList(node.elseTemplates ?? [], part);
  const decide: Write = (telling) => {
    for (const { holds, write } of branches) if (isTrue(holds(telling))) return write(telling);
    return otherwise(telling);
  };
  return marked(decide, [otherwise, ...branches.map(({ write }) => write)]);
}

function compileUnless(node: UnlessTag, part: MessagePart): Write {
  const [first, ...more] = node.branches;
  if (!first || more.length) throw new LiquidFault(node.token.getText(), "unless without elsif");
  const holds = compileCondition(first.value.initial.postfix, part);
  const write = compileList(first.templates, part);
  const otherwise = compileList(node.elseTemplates, part);
  return marked((telling) => (isTrue(holds(telling)) ? otherwise(telling) : write(telling)), [write, otherwise]);
}

/** The loop's variable is called `session`, so that every `session.*` inside means the one being listed. */
function compileLoop(node: ForTag, part: MessagePart): Write {
  const expected = "{% for session in sessions %} without options or else";
  const plain = Object.keys(node.hash.hash).length === 0 && !node.elseTemplates?.length;
  if (node.variable !== "session" || node.collection.getText() !== "sessions" || !plain)
    throw new LiquidFault(node.token.getText(), expected);
  const write = compileList(node.templates, part);
  return (telling) => {
    const { sessions } = telling.facts;
    let text = "";
    for (const [index, session] of sessions.entries())
      text += write({ ...telling, session, values: new Map(), loop: { index, first: index === 0, last: index === sessions.length - 1 } });
    return text;
  };
}

function variableOf(token: Token, part: MessagePart): { name: string; read: Reader } {
  const name = token.getText();
  const read = TypeGuards.isPropertyAccessToken(token) ? findVariable(name, part) : undefined;
  if (!read) throw new LiquidFault(name, `a variable that ${part} templates have`);
  return { name, read: once(read) };
}

/** A mail asks for the same clock time in its subject, its HTML and its text. */
function once(read: Reader): Reader {
  return (telling) => {
    let value = telling.values.get(read);
    if (value === undefined) telling.values.set(read, (value = read(telling)));
    return value;
  };
}

type Comparison = (a: Value, b: Value) => boolean;
const OPERATORS: { readonly [operator: string]: Comparison } = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => typeof a === "number" && typeof b === "number" && a < b,
  "<=": (a, b) => typeof a === "number" && typeof b === "number" && a <= b,
  ">": (a, b) => typeof a === "number" && typeof b === "number" && a > b,
  ">=": (a, b) => typeof a === "number" && typeof b === "number" && a >= b,
  and: (a, b) => isTrue(a) && isTrue(b),
  or: (a, b) => isTrue(a) || isTrue(b),
};

function compileCondition(postfix: readonly Token[], part: MessagePart): Reader {
  const operands: Reader[] = [];
  for (const token of postfix)
    operands.push(TypeGuards.isOperatorToken(token) ? compileOperator(token.operator, operands) : compileOperand(token, part));
  const [condition, ...rest] = operands;
  if (!condition || rest.length) throw new LiquidFault(postfix.map((token) => token.getText()).join(" "), "one condition");
  return condition;
}

function compileOperator(operator: string, operands: Reader[]): Reader {
  const right = operands.pop();
  if (operator === "not" && right) return (telling) => !isTrue(right(telling));
  const left = operands.pop();
  const compare = OPERATORS[operator];
  if (!left || !right || !compare) throw new LiquidFault(operator, `one of ${Object.keys(OPERATORS).join(", ")}, not`);
  return (telling) => compare(left(telling), right(telling));
}

function compileOperand(token: Token, part: MessagePart): Reader {
  if (TypeGuards.isQuotedToken(token) || TypeGuards.isNumberToken(token)) {
    const { content } = token;
    return () => content;
  }
  return variableOf(token, part).read;
}

function isTrue(value: Value): boolean {
  return value !== null && value !== false;
}

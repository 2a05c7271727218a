// Finds the uses of JavaScript symbols with Babel, as a check of the `ast` scanner.
// Reads one JSON object per line, with a path and a text, and writes the uses in it.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, symbolList] = process.argv.slice(2);
const need = createRequire(`${folder}/package.json`);
const { parse } = need("@babel/parser");
const traverse = need("@babel/traverse").default;
const symbols = JSON.parse(symbolList).map((text) => {
  const [module, name] = text.split(":");
  return { text, path: name ? [module, name] : [module] };
});
const plain = (module) => module.replace(/^node:/, "");

function literal(node) {
  return node?.type === "StringLiteral" ? node.value : null;
}

// Returns the path of the module that an expression requires, or null.
function required(node) {
  if (!node) return null;
  if (/^(Await|TS(As|NonNull|Satisfies)|Parenthesized)Expression$/.test(node.type)) return required(node.expression ?? node.argument);
  if (node.type === "CallExpression") {
    const callee = node.callee;
    if ((callee.type === "Identifier" && callee.name === "require") || callee.type === "Import") {
      const module = literal(node.arguments[0]);
      return module === null ? null : [plain(module)];
    }
    const name = callee.name ?? callee.property?.name ?? "";
    if (/^(_interop|__import|__toESM|interop)/.test(name)) return required(node.arguments[0]);
  }
  if (node.type === "MemberExpression" || node.type === "OptionalMemberExpression") {
    const base = required(node.object);
    const name = node.computed ? literal(node.property) : node.property.name;
    if (!base || name === null) return null;
    return name === "default" && base.length === 1 ? base : [...base, name];
  }
  return null;
}

// Returns the property path of a name in a pattern, or null.
function keysTo(pattern, name) {
  if (pattern.type === "Identifier") return pattern.name === name ? [] : null;
  if (pattern.type === "AssignmentPattern") return keysTo(pattern.left, name);
  if (pattern.type !== "ObjectPattern") return null;
  for (const property of pattern.properties) {
    if (property.type !== "ObjectProperty") continue;
    const below = keysTo(property.value, name);
    if (below === null) continue;
    const key = property.computed ? null : property.key.name ?? literal(property.key);
    if (key === null) return null;
    return key === "default" ? below : [key, ...below];
  }
  return null;
}

function chainOf(path, base) {
  const names = [...base];
  for (let at = path; ; at = at.parentPath) {
    const parent = at.parent;
    if (parent.type === "TSNonNullExpression" || parent.type === "ParenthesizedExpression") continue;
    const member = /^(Optional)?MemberExpression$/.test(parent.type) && parent.object === at.node;
    if (!member) {
      const below = (parent.type === "JSXMemberExpression" && parent.object === at.node && parent.property.name)
        || (parent.type === "TSQualifiedName" && parent.left === at.node && parent.right.name);
      if (!below) return names;
      names.push(below);
      continue;
    }
    const name = parent.computed ? literal(parent.property) : parent.property.name;
    if (name === null) return names;
    if (!(name === "default" && names.length === 1)) names.push(name);
  }
}

function pathOfBinding(binding, depth = 0) {
  const { node, parent } = binding.path;
  if (node.type === "ImportDefaultSpecifier" || node.type === "ImportNamespaceSpecifier") return [plain(parent.source.value)];
  if (node.type === "ImportSpecifier") {
    const name = node.imported.name ?? node.imported.value;
    return name === "default" ? [plain(parent.source.value)] : [plain(parent.source.value), name];
  }
  if (node.type === "TSImportEqualsDeclaration") {
    const module = literal(node.moduleReference.expression);
    return module === null ? null : [plain(module)];
  }
  const name = binding.identifier.name;
  if (node.type === "VariableDeclarator" && node.init) {
    const base = required(node.init) ?? (node.id.type === "ObjectPattern" && depth < 4 ? valueOf(binding.path.get("init"), depth) : null);
    const keys = base && keysTo(node.id, name);
    if (keys) return [...base, ...keys];
  }
  for (const write of binding.constantViolations) {
    if (write.node.type !== "AssignmentExpression") continue;
    const base = required(write.node.right);
    const keys = base && keysTo(write.node.left, name);
    if (keys) return [...base, ...keys];
  }
  return null;
}

// Returns the path of an expression such as `a.b` whose name is bound to a module, or null.
function valueOf(path, depth) {
  let root = path;
  while (/^(Optional)?MemberExpression$/.test(root.node.type)) root = root.get("object");
  if (root.node.type !== "Identifier") return null;
  const bound = path.scope.getBinding(root.node.name);
  const base = bound && pathOfBinding(bound, depth + 1);
  return base && chainOf(root, base);
}

function usesIn(text, path) {
  const plugins = /\.[mc]?ts$/.test(path) ? ["typescript", "decorators-legacy"]
    : /\.tsx$/.test(path) ? ["typescript", "jsx", "decorators-legacy"]
    : ["jsx", "flow", "decorators-legacy"];
  const tree = parse(text, { sourceType: "unambiguous", plugins, allowReturnOutsideFunction: true, errorRecovery: false });
  const uses = new Map();
  function note(node, names) {
    for (const { text: symbol, path: wanted } of symbols) {
      if (wanted.every((name, index) => names[index] === name)) {
        const { line, column } = node.loc.start;
        uses.set(`${line} ${column} ${symbol}`, [line, column + 1, symbol]);
      }
    }
  }
  const visited = (path) => {
    const { node, parent } = path;
    if (path.findParent((outer) => outer.isJSXClosingElement())) return;
    if (parent.type.startsWith("Import") || parent.type === "TSImportEqualsDeclaration") return;
    if (parent.type === "AssignmentExpression" && parent.left === node) return;
    if (node.type === "Identifier" && !path.isReferencedIdentifier() && !/^TS|TypeParameter|GenericTypeAnnotation|ExportSpecifier/.test(parent.type)) return;
    const binding = path.scope.getBinding(node.name);
    if (!binding || binding.identifier === node) return;
    const base = pathOfBinding(binding);
    if (base) {
      const outer = parent.type === "NewExpression" && parent.callee === node ? parent : node;
      note(outer, chainOf(path, base));
    }
  };
  traverse(tree, {
    Identifier: visited,
    JSXIdentifier: visited,
    CallExpression(path) {
      const base = required(path.node);
      if (!base || base.length !== 1) return;
      const names = chainOf(path, base);
      let outer = path;
      while (/Member|Await|TSNonNull|TSAs|Parenthesized/.test(outer.parent.type) || (outer.listKey === "arguments" && required(outer.parent))) outer = outer.parentPath;
      const { parent, key } = outer;
      const bound = (parent.type === "VariableDeclarator" && key === "init")
        || (parent.type === "AssignmentExpression" && key === "right" && /^(Identifier|ObjectPattern)$/.test(parent.left.type));
      if (!bound && !(required(path.parent) && path.listKey === "arguments")) note(path.node, names);
    },
  });
  return [...uses.values()];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, text } = JSON.parse(line);
  let answer;
  try {
    answer = { uses: usesIn(text, path) };
  } catch (error) {
    answer = { error: String(error).slice(0, 200) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

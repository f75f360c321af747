/** The public API as text: every name that src/index.ts exports with its shape, sorted, without comments and bodies. */
import ts from 'typescript'

const FORMAT =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.WriteArrowStyleSignature |
  ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected

class ApiText {
  private readonly checker: ts.TypeChecker
  private readonly printer = ts.createPrinter({ removeComments: true })

  constructor(checker: ts.TypeChecker) {
    this.checker = checker
  }

  private typeOf(symbol: ts.Symbol, node: ts.Node): string {
    return this.checker.typeToString(this.checker.getTypeOfSymbolAtLocation(symbol, node), undefined, FORMAT)
  }

  private member(member: ts.ClassElement): readonly string[] {
    if ((ts.getCombinedModifierFlags(member) & HIDDEN) !== 0) return []
    if (ts.isConstructorDeclaration(member)) {
      const signature = this.checker.getSignatureFromDeclaration(member)
      const shape =
        signature === undefined ? '' : this.checker.signatureToString(signature, undefined, FORMAT)
      return [`  constructor${shape}`]
    }
    const symbol = member.name === undefined ? undefined : this.checker.getSymbolAtLocation(member.name)
    return symbol === undefined ? [] : [`  ${symbol.name}: ${this.typeOf(symbol, member)}`]
  }

  private classText(name: string, node: ts.ClassDeclaration): string {
    const heritage = (node.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join('')
    const members = node.members.flatMap((member) => this.member(member)).sort()
    return [`class ${name}${heritage} {`, ...members, '}'].join('\n')
  }

  /** One exported name; nothing for an internal one. */
  text(exported: ts.Symbol): readonly string[] {
    const { checker } = this
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const node = symbol.declarations?.[0]
    if (node === undefined) throw new Error(`${exported.name} is declared nowhere`)
    if (symbol.getJsDocTags(checker).some(({ name }) => name === 'internal')) return []
    return [this.declaration(exported.name, symbol, node)]
  }

  private declaration(name: string, symbol: ts.Symbol, node: ts.Node): string {
    if (ts.isClassDeclaration(node)) return this.classText(name, node)
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return this.printer
        .printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
        .replace(/^export /, '')
    return `const ${name}: ${this.typeOf(symbol, node)}`
  }
}

/** Every export of a module with its declaration, sorted by name; what is marked `@internal` is nobody's to rely on. */
export const publicApi = (file: string, configFile: string): string => {
  const config = ts.getParsedCommandLineOfConfigFile(configFile, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }) // prettier-ignore
  if (config === undefined) throw new Error(`${configFile} cannot be read`)
  const program = ts.createProgram([file], config.options)
  const source = program.getSourceFile(file)
  const checker = program.getTypeChecker()
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${file} exports nothing`)
  const api = new ApiText(checker)
  const exported = [...checker.getExportsOfModule(module)]
  exported.sort((left, right) => (left.name < right.name ? -1 : 1))
  return `${exported.flatMap((symbol) => api.text(symbol)).join('\n\n')}\n`
}

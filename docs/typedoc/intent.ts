// Which members of the public types need no doc comment of their own.
import { type DeclarationReflection, type ProjectReflection, ReflectionKind } from 'typedoc'

/**
 * The full names of the members that the comment of the type around them explains: what stands in a type without a
 * name, a brand, and a member that can only have one literal as its value.
 */
export function undocumentedByIntent(project: ProjectReflection): string[] {
  const members = project.getReflectionsByKind(ReflectionKind.Property) as DeclarationReflection[]
  const names = members
    .filter((member) => isAsked(member, project) && (isAnonymous(member) || isBrand(member) || isLiteral(member)))
    .map((member) => member.getFriendlyFullName())
  return [...new Set(names)]
}

/** TypeDoc asks for comments on the package's own symbols, and not within parameters; a name it never asks for is an error. */
function isAsked(member: DeclarationReflection, { packageName }: ProjectReflection): boolean {
  if (member.hasComment() || member.project.getSymbolIdFromReflection(member)?.packageName !== packageName) return false
  for (let around = member.parent; around !== undefined; around = around.parent)
    if (around.kindOf(ReflectionKind.Parameter)) return false
  return true
}

/** A member of `type Name = { … }` has a named home; one of a union, an intersection or an argument has none. */
function isAnonymous({ parent }: DeclarationReflection): boolean {
  if (parent?.kindOf(ReflectionKind.TypeLiteral) !== true) return false
  const holder = parent.parent
  const isNamed =
    holder?.isDeclaration() === true && holder.type?.type === 'reflection' && holder.type.declaration === parent
  return !(isNamed && holder.kindOf(ReflectionKind.TypeAlias))
}

function isBrand({ name }: DeclarationReflection): boolean {
  return /^\[\w+Brand\]$/.test(name)
}

function isLiteral({ type }: DeclarationReflection): boolean {
  return type?.type === 'literal'
}

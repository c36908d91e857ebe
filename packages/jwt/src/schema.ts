// The part of the Standard Schema contract that claims need; zod, valibot, arktype and others have it.
import type { SchemaAnswer } from '@tallystick/core/options'

/** A schema of the claims, written in whichever library has the Standard Schema interface. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  /** The member under which Standard Schema puts a schema. */
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaAnswer<Output> | Promise<SchemaAnswer<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The type a schema takes: what is issued. */
export type SchemaInput<Schema extends StandardSchemaV1> = NonNullable<Schema['~standard']['types']>['input']

/** The type a schema gives: what verification returns. */
export type SchemaOutput<Schema extends StandardSchemaV1> = NonNullable<Schema['~standard']['types']>['output']

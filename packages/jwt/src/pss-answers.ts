// Known answers about RSASSA-PSS (RFC 7518 §3.5): one message under one key, padded as PSS and as PKCS #1 v1.5.
import { decodeBase64url } from '@tallystick/core/base64url'
import type { SynchronousDriver } from './key.ts'

/** The public key of the answers; its private part was thrown away. */
export const pssAnswerKey: Readonly<Record<string, string>> = {
  kty: 'RSA',
  e: 'AQAB',
  n:
    'x7fPsdEV33eEVKAnXdQ-owfnDqlyF7yxD3N7HU90TiHDTcugyFI6Dngcy5xK1X_5Vz6YCD8UJh_dYseUJF7qf577qHE-I-b1zXnv' +
    'WPX0RjdYkRYmJ0fpf2vHfCQIuSxdLPWy33X44L4uy677ZE22cs6e-wPqDoZCGRwigXP7Ba789Ivg-vTXuRcHMTGss1mrrPSF8yu4' +
    'WNDn2MauiAUh8pauwmiOUitXM7_8-X7mRUztVyphBxYYJdhtclolY0BTLG73j2fYyHjSby69S8aDowLUfZpFGEEgWkgMjrH-kn1b' +
    'PqUpD714k366EfrrIZ7EXQ0fcmluSamD2hQlSuiYXQ',
}

/** Whether a driver of {@link pssAnswerKey} accepts the signature that is PSS, and refuses the one that is not. */
export function answersPss({ verify }: SynchronousDriver): boolean {
  const accepts = (text: string): boolean => verify(MESSAGE, decodeBase64url(text) ?? new Uint8Array())
  return accepts(PSS_SIGNATURE) && !accepts(PKCS1_SIGNATURE)
}

const MESSAGE = Uint8Array.of(1)
/** With SHA-256 and a salt of 32 bytes. */
const PSS_SIGNATURE =
  'RGfQE7SeglditcforUTczmVMjRWgLGbQZExufBDzWt-BvEpEIgpEMLH_mt1PysXeW954HLxGEk6MQ36yM5zVTnupqqwQrDjsZzhi' +
  'k6m5msG1WuHiiN5_k8Wb6ZIyfjtH91Y1UKaXnZt1NgnNB1T74xasGDnPdGEXjki-LyX8T22H0DrMTXvStF8DFbN6adPryy_LDzi3' +
  'O5TsqWvW9nmnQE9304X4f81LXNfVu42fuBMKgaj05niTsJcIHKjpojUu4zaq0GQH_GFrENYpGJtqubSnqeS4s__U2aD_MUE_O-sY' +
  'n3osWXGeQmUsZnWZ4_4bxKFU82xteANHlL7FEYnUEg'
const PKCS1_SIGNATURE =
  'P2mhZS8LjSNfyH_3WJRf1e036ixhe66Am-cTeS5O225DZ6Px2op-sEf6yYFo3ZlO6m91SBeGN46dKEszIL4J03XoNdUjNQco5lNb' +
  'h8xryu334GuVf5kYVbAY1AryWKxfoElCY66TqM308VlxPZceBRY1o2OImXKFF_ReWKHXWEe1-Xka7ttLMLedDFRstk2enP73Pa_J' +
  '3QUeKgPAjcbjtPWeBqg0sjCCpZyOImNXQvDk698L4jLn60EsT_j4OwNpTJu0Z9QbGp_YpQs8Z2rREbRLKrD18-DgIifpvM_uUhkb' +
  'UVvVRckaqtMWHdkSPqq2rULggqotnb3XSjoxq6f7FA'

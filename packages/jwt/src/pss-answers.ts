// Known answers about RSASSA-PSS (RFC 7518 §3.5): one message under one key, padded as PSS and as PKCS #1 v1.5, by hash.
import { decodeBase64url } from '@tallystick/core/base64url'
import type { HashName } from './algorithms.ts'
import type { SynchronousDriver } from './key.ts'

/** The public key of the answers; its private part was thrown away. */
export const pssAnswerKey: Readonly<Record<string, string>> = {
  kty: 'RSA',
  e: 'AQAB',
  n:
    '1NpQdyfFFwQyGcKvjt4Asb4DuQGitLIqCqo0xsmRgdL7mLb6xZ0XfVASJt9DvU4SlRNUSPERDuFHjZE91xVQv5cvC11pVnOcu97xp5EZyfGVqc' +
    '_lcF5bvsUzjlkg_YvM2U6wv6ZvV8JnvBpoYAtnBYtb1Z2VU-U2QdmHA5j6XiVZxw2U22wbHjgXMMHT9VihOijtJmn6A6cNyydteSgs5I9u75Nw' +
    'NQY1y8y3dvrNLS6ZG-ozezj-9T9uGrmB_Ab9Quy9b3dpFPK_vPnFQTcoU7Fbb-DpS4dSIMHKCRSvoGyALlAkthIVI9E_hE7mhWYHGSpJpfoUpx' +
    'zX87UpODoDXQ',
}

/** Whether a driver of {@link pssAnswerKey} accepts the signature that is PSS, and refuses the one that is not. */
export function answersPss({ verify }: SynchronousDriver, hash: HashName): boolean {
  const accepts = (text: string): boolean => verify(MESSAGE, decodeBase64url(text) ?? new Uint8Array())
  return accepts(SIGNATURES[hash].pss) && !accepts(SIGNATURES[hash].pkcs1)
}

const MESSAGE = Uint8Array.of(1)
/** The salt is as long as the hash. */
const SIGNATURES: Readonly<Record<HashName, { readonly pss: string; readonly pkcs1: string }>> = {
  sha256: {
    pss:
      'CMpKSj_3ZFFFzB4LQrXD6cuFLPSRa63b4DGkdBVdjV5VUGwv5u3uvU1BUvCtlAdjGLXXWXaxs3KLgL8giQUKoipEHzkHfrCVPviKlkbfi0x95L' +
      'LVB_q7CEOuLjZo-qWGkXovVNEOPiRpUaEP9rB712ajF9dvStvhMVOVyANIb8sC0VaPRxzrfHqqy1X7okuP1TNfYe7_7TZ8b018A9DXe5yQqSTK' +
      'gGhg-Q02OPUA9TW-NOfaBaizKv9vHE3OmVE_T6zTHCvUpALkmjvQtD_tZlByvKOH8kh9TxnPDSZoUkr4GQsXzrdqa_29j73GNqXg8Ws6Ul5VhI' +
      'VWkkI0USG1Vw',
    pkcs1:
      'meoyyfcscgBb8THbOSkk8roMikSH6XJzcYMEJnHgFLDdzF4LRsvfMUagYrP-s0FbyvUHxSLOSfI7Z3dfx-qFr8zleE_LpQq5pnKH7WKxhwofog' +
      'pkuqgL1vrnfRQFfUZ20lprkANoltdN6DViMxO_EWGMlPcmKpkefZioaSIYh3-hkrKXRNicZSPUjlG1IZffdmbv-x9uGYuCPCQv7s4pdLGhuIWc' +
      'UEaaImVgdPaLwio9pmESeaKnY2xX0WV62zRE5txK7ZgXx_nda0S49DuLQNnYhS-ZpydCWyxqrI6PKvzzGsQEHME4dhv1q7zCdLN6Dbe1bzs95u' +
      'DzqfDTkRfHWw',
  },
  sha384: {
    pss:
      'shaWgqkGLtfM4hH_o1--Qc9poCK78gg9LqK95xZmi5loWRT_tuRjnmzZUdfXCddTeYXl0FHMqeGvldSRxnSOax_aftGvUTrzU920tyR7j24RYo' +
      'M6xzmtd53lytndz3iaAQWTkhdG7kbroPTV9tBS4CBnYvvqgP7L4XCnSj-u6mO3YKJF7zlUOgjY0NP4_P80WWRxltbKZqSrgExKSKAs6pvC8z3Q' +
      'pwIRWgpHmZwl_IWiNZi7YhMwqBuAhh78ewsTS-WiFllimWrKDtEpTINdRRMDlcc3v8LJbxPeq1aViJT6mChIapSJP6oaaUhn7LRnw7cTlpXVMk' +
      'so2rXgHfvoKg',
    pkcs1:
      'veSTrrOPg3n-OmKe0YeRk4pCXY1Ge0CFLP_7fZPHtKVlCtECf5xdLd9fOTZUKPnbt2c_I0J4xDRW59R-u6g1RfFCdJH0W2tF8PsbfAuGu_3V0-' +
      'BkA3L36GIzHbsvKihF-c6j5jXbplF0TchGkQ61rRJIVzlX8NcOPCToAkwaiWWznDKkaGaXJIJre-PLLuYH_lG2BraTGW6Vi9gjy4r0FN1wW3lr' +
      'paxsX0pyCy0DsyCwqYYH3oB0p6U2QjI_PJ1altIpdf7S2RktonDCgWqMGTydeiKme9EbkjfUkaQWLWLe4luEB_TSnNZAE5xvScLkUjNpz3v56n' +
      '_2BnyszIvtkQ',
  },
  sha512: {
    pss:
      'uPOO10fL3YQNziGL_Voc438tVIHhnr_87WXesFiIVwGSkGF6ZycJWYSaACBqQm9LrUtKVT-pFYDN3iHWhn_fuj9HL-SGJ2ZSmYa9q22CLxOXMQ' +
      'C_lnGNZCo5p6TfYlhYYaF-fmNl_l2gKiAkEIrybiM6NQVUPDySUD2sEkt85NNOH1Uz9B0XbG8_ryIBTpVtXH3kyC7WrFHpdOg_7xOx0DP_nFR6' +
      'rZ8Hah6pDp1bFCrxnx_O1_XZeyU5MzWKiMHXEOdYcnJjnBxK4O8WXGRRt60ZH_Osv_mbk9eI48ShbZNmRtFa_Sjbk1Q0S0QrPW2TbrpDKIcc7p' +
      'CCgPxJ5zmx8g',
    pkcs1:
      'B3Ft2VkJyW3L4lAOLMNAeR8rhNDjnMdERCgRr3OcZhTNYVEFoKclp16S24mnEUHi33BG_zA6pN708ddhvD3gupOOwd4sdyev1Z1WRgqCLRcHc3' +
      'DCnwwacAoPKjb-GzVGAfBs3Zm0iV1QQol8Oe7sOwXGyjlsUcQDuV6EmCdEfhhtVNWTZ-OwQxSrov8jNpPJQevT6WQaYSXieUuI2g01LC_HrUll' +
      '8FuriwNgexCL6DGjvuHXDDUVbAjIx73WMwGF92O5g7DzMro8zX31sxX2-lJ0VDcRW9WJsIcGiEe1bJH2t1QgAj9N6qA-mVbiuIpB8QWKjMmNJr' +
      'jRDf3GJOQDfA',
  },
}

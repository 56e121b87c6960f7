"""Everyday words as people say them, in dialect or not → standard words.

In: a message as it is read, without blanks. Out: the same with 好多钱 as 多少钱, 莫得 as 没有, 几时 as 什么时候. The words of a
dialect are in no document, so that what is asked for would drown in them. Properties of the language alone.
"""

from __future__ import annotations

import re

_PLAIN = {
    # Sichuan, Chongqing, Guizhou, Yunnan
    "好多钱": "多少钱",
    "好多个": "多少个",
    "好多(?=工资|工钱|误工|补[贴助]|块|学?课?时|天(?![没不]))": "多少",
    "(?<!了)好久(?=[才要能可去来就会开发办到拿])": "多久",
    "(?<![取获不记晓值难懂])得行(?![业政动为使程])": "行",
    "要得(?=不(?!到|着|了)|吗|么|嘛|[?？]|$)": "可以",
    "莫得": "没有",
    "没得(?!到|出|着|说|错|奖|证|分)": "没有",
    "屋头": "家里",
    "啥子": "什么",
    "咋个": "怎么",
    "头一盘": "第一次",
    "再([考学上报])一盘": r"再\1一次",
    "考得起(?=不|吗|么|[,，。?？]|$)": "考得过",
    "没考起": "没考过",
    "晓得": "知道",
    "娃儿|娃娃(?!鱼|菜)": "孩子",
    "山旮旯": "山里",
    "遭(?=罚|扣|取消|停|撤)": "被",
    # Jiangsu, Shanghai, Zhejiang
    "钞票": "钱",
    "姆妈": "妈妈",
    "阿拉(?!伯|善|斯)": "我们",
    "(?<![采砍步讨征间盗])伐(?=[,，。?？!！]|$)": "吗",
    "勿(?=[能要会可晓]|是|好)": "不",
    # Guangdong, Guangxi, Hong Kong
    "几多": "多少",
    "几时": "什么时候",
    "边个": "谁",
    "同(?=谁)": "跟",
    "点解": "为什么",
    "得唔得": "行不行",
    "唔(?=[得使好系知能会识])": "不",
    "嘅|噶|咩(?=[?？]|$)": "",
    "(?<=[\\d一二两三四五六七八九十百千万])蚊": "元",
    "讲声先": "说一声",
    "补返": "补",
    # The north-east
    "老鼻子": "很多",
    "白瞎": "白费",
    "屯里|屯子里?": "村里",
    "那阵儿|那阵子": "那时候",
    "寻思": "想",
    # everywhere: 每个自然年度 has nothing of 每个月
    "每个(?=[月人])": "每",
    "星期(?=[一二三四五六日天])": "周",
    # Henan and Shandong
    "弄啥": "干什么",
    "得劲": "合适",
    "逮着": "抓住",
    "孬(?=[,，。?？]|$)": "差",
}
_RULES = [(re.compile(word), plain) for word, plain in _PLAIN.items()]
"""好多钱, 三百蚊, 能学伐   near miss: 好多人, 没得到补贴, 取得行业认可, 采伐, 阿拉善, 蚊香."""


def put_plainly(text: str) -> str:
    """`text` with the words of dialects in standard ones: 要几多钱 as 要多少钱."""
    for pattern, plain in _RULES:
        text = pattern.sub(plain, text)
    return text

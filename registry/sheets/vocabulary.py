"""The headings that sheets use and their fields: by themselves, or after the person named before."""

import re

from carebase.sheets.headings import normalise_heading
from registry import census
from registry.codes.text import words
from registry.sheets.fields import FIELDS, MEMBER_FIELDS

# The person in a heading (父亲联系电话) or in the group above it (父亲情况); "" is the child.
PERSON_TITLES = {
    title: person
    for person, titles in {
        "": "儿童 学生 孩子 小孩 幼儿 留守儿童 留守学生 少年儿童 未成年人 本人",
        "grandfather": "祖父 爷爷",
        "grandmother": "祖母 奶奶",
        "maternal_grandfather": "外祖父 外公 姥爷",
        "maternal_grandmother": "外祖母 外婆 姥姥",
        "father": "父亲 爸爸 父 父方 爸 老爸",
        "mother": "母亲 妈妈 母 母方 妈 老妈",
        "guardian": "监护人 委托监护人 受委托监护人 被委托监护人 实际监护人 主要监护人 第一监护人 现监护人 "
        "临时监护人 法定监护人 "
        "其他监护人 其他法定监护人 代理监护人 照护人 照料人 照顾人 抚养人 受委托人 被委托人",
        "parents": "父母 家长 父母亲 父母双方 学生家长 外出父母 务工父母",
    }.items()
    for title in words(titles)
}
# Headings that do not say whose they are, with their attribute.
SHARED_HEADINGS = {
    heading: name
    for name, headings in {
        "name": "姓名 名字 名",
        "birth_date": "出生日期 出生年月 出生年月日 出生时间 生日 出生年月(日)",
        "phone": "联系电话 电话 联系方式 手机 手机号 手机号码 电话号码 联系手机 联系号码 移动电话 联系电话号码 "
        "电话(手机)",
        "work_place": "当前务工地点 务工地点 务工地 务工地址 务工单位 务工单位详细地址 务工单位地址 务工所在地 "
        "务工去向 打工地点 打工地 "
        "打工地址 打工单位 工作地点 工作地 工作地址 工作单位 工作单位及地址 外出地点 外出地 "
        "外出务工地点 外出务工地 外出务工地址 现务工地点 "
        "外出去向 去向 务工省市 务工城市",
        "id_number": "公民身份证号码 公民身份号码 公民身份证号 身份证号码 身份证号 身份证 身份证件号 身份证件号码 "
        "证件号码 证件号 "
        "身份号码 居民身份证号 居民身份证号码 居民身份证 有效身份证号",
        "left": "是否外出 是否外出务工 外出务工 是否务工 是否在外务工 是否外出打工 外出",
    }.items()
    for heading in words(headings)
}
# Headings that only a guardian has, so that the title must stand in the heading or above it.
GUARDIAN_HEADINGS = {
    heading: name
    for name, headings in {
        "relation": "关系 称谓 与儿童关系 与学生关系 与孩子关系 与幼儿关系 与被监护人关系 与本人关系 "
        "与留守儿童关系 与其关系",
        "address": "地址 住址 家庭住址 居住地址 居住地地址 居住地 现住址 详细地址",
        "sex": "性别",
    }.items()
    for heading in words(headings)
}
PLAIN_HEADINGS = {
    heading: name
    for name, headings in {
        "sex": "性别 男/女 性别(男/女)",
        "ethnicity": "民族",
        "hukou_registered": "是否登记户口 是否有户口 有无户口 户口登记 是否上户 是否落户",
        "hukou_place": "户籍所在地 户籍地址 户籍地 户口所在地 户口地址 户籍住址 户籍 户籍所在地址 户口所在地行政区划 "
        "户口住址",
        "residence": "现居住地 现住址 家庭住址 家庭详细住址 家庭地址 家庭详细地址 家庭居住地址 住址 地址 居住地址 "
        "居住地 现居住地址 居住地地址 "
        "现在居住地 详细住址 详细地址 家庭住址(详细) 现家庭住址 常住地址 通讯地址 通信地址 居住地点 "
        "儿童住址 学生住址",
        "condition": "身体情况 健康状况 身体状况 健康情况 身体健康状况 身心健康状况",
        "disability": "残疾类别及等级 残疾类型 残疾类别 残疾情况 残疾类别等级 残疾种类 残疾类型及等级 残疾类别和等级",
        "illness": "患病类型 所患疾病 患病情况 疾病名称 患病名称 疾病类型 何种疾病",
        "boards": "是否学校寄宿 是否寄宿 是否住校 是否寄宿生 是否住宿 是否住校生 寄宿 住校 就读方式 住宿情况 "
        "寄宿情况 走读/住校 走读/寄宿 "
        "住校/走读 是否在校寄宿 是否在校住宿 寄宿/走读",
        "schooling": "就学情况 就读情况 就学状况 就学状态 学段 就读状态",
        "assessment": "监护情况评估 监护类型 监护评估 监护评估等级",
        "income": "家庭经济来源 主要经济来源 经济来源 家庭主要经济来源",
        "relief": "救助帮扶情况 救助情况 享受救助情况 救助帮扶 享受政策情况",
        "entrusted": "有无委托监护人 是否委托监护 有无委托监护 有无委托其他监护人",
        "guardian_relation": "与监护人关系 监护人关系 监护关系 与实际监护人关系 监护人与儿童关系 监护人与学生关系 "
        "监护人与被监护人关系 "
        "监护人称谓 与被监护人关系 与学生关系 与儿童关系 与孩子关系 与幼儿关系 与留守儿童关系",
        "school_words": "学校 就读学校 学校名称 所在学校 就读学校名称 学校标识码 学校代码 就读幼儿园 就学学校 "
        "就读学校(幼儿园) 学校全称",
        "grade_words": "年级 就读年级 所在年级 现就读年级 年级名称",
        "class_words": "班级 班号 班别 所在班级 班级名称 就读班级 年级班级 年级/班级 年班 班 班次 就读年级班级 "
        "就读年级及班级 年级及班级 "
        "学校班级 所属班级 班级编号 就读学校及班级 学校及班级 所在学校及班级 就读学校班级 就读学校、班级 学校、班级 "
        "就读学校及年级 学校及年级 就读学校、年级 就读学校和班级",
        "township_words": "乡镇 乡(镇) 镇 镇(乡) 乡 所属乡镇 所在乡镇 乡镇(街道) 乡镇街道 街道 乡(镇、街道) 乡镇名称 "
        "镇街",
        "village_words": "村 村名 行政村 所在村 所属村 村委会 村(居) 村(社区) 村(居)委会 村居 居住村 村社区 社区 "
        "村/社区 村名称 村庄 "
        "户籍村 村(居)民委员会 村组 所在村组 村屯 行政村名称 村别",
        "group_words": "村民小组 小组 组别 组 所在组 自然村 屯 村民组 组名",
        "hukou_rural": "户口性质 户籍性质 户口类型 户口类别 户籍类型 户口 户籍类别",
        "left_type": "留守类型 留守情况 是否留守儿童 是否留守 留守儿童类型 留守类别 父母外出情况 外出情况 "
        "父母外出务工情况 是否为留守儿童 "
        "是否属于留守儿童 留守儿童类别 外出务工情况 父母务工情况 家长外出情况 留守性质 留守状况",
        "parents_work_place": "父母务工地 父母务工地点 父母外出地 家长务工单位详细地址 父母工作地点",
        "parents_name": "父母 家长 父母亲 父母亲姓名 父/母姓名 父(母)姓名 父母(监护人)姓名 父亲/母亲姓名 父亲母亲姓名",
        "home_phone": "家庭联系电话 家庭电话 家庭电话号码 家中电话 住宅电话 家里电话",
        "guardian_phone": "受委托监护人电话 监护人联系电话(手机)",
        "relief_low": "是否低保 是否享受低保 低保 低保户 是否低保户 是否低保家庭 低保家庭 是否享受低保(是/否) "
        "是否建档立卡/低保 建档立卡/低保 "
        "是否低保/建档立卡 低保/建档立卡 家庭类型 是否纳入低保",
        "relief_poor": "是否建档立卡 建档立卡 建档立卡户 是否建档立卡户 是否建档立卡贫困户 是否贫困户 贫困户 "
        "是否脱贫户 建档立卡贫困户 "
        "是否建档立卡家庭 是否贫困家庭",
        "both_away": "父母双方外出 双方外出 父母均外出 父母双方是否外出 父母双方均外出 双亲外出 双亲是否外出 "
        "双亲均外出 父母都外出 父母同时外出 父母均外出务工 父母双双外出",
    }.items()
    for heading in words(headings)
}
# Name and phone in one cell: 沈大明 13900000001.
NAME_AND_PHONE_HEADINGS = [
    f"{name}{joint}{phone}"
    for name in ("姓名", "")
    for joint in ("及", "、", "和", "与", "/", "+", "")
    for phone in ("电话", "联系电话", "联系方式", "手机号", "手机")
    if name or joint
]


def headings_with_title() -> dict[str, str]:
    """Return every heading with a title in it (父亲的电话), and its field."""
    fields = {}
    for title, person in PERSON_TITLES.items():
        for heading, attribute in (SHARED_HEADINGS | GUARDIAN_HEADINGS).items():
            name = f"{person}_{attribute}" if person else attribute
            if name in FIELDS:
                fields |= {f"{title}{heading}": name, f"{title}的{heading}": name}
        if f"{person}_name" in FIELDS:
            fields.setdefault(title, f"{person}_name")
        if f"{person}_phone" in FIELDS:
            fields |= dict.fromkeys((f"{title}{heading}" for heading in NAME_AND_PHONE_HEADINGS), f"{person}_name")
    return fields


MEMBER_HEADINGS = {
    f"{before}{normalise_heading(field.heading)}": field.name for field in MEMBER_FIELDS for before in ("", "家庭")
}
# The field of each heading that is one by itself; later entries take precedence.
FIELD_BY_HEADING = {
    **headings_with_title(),
    **PLAIN_HEADINGS,
    **{
        normalise_heading(field.heading): field.name
        for field in census.FIELDS
        if field.heading not in ("", *SHARED_HEADINGS)
    },
    **MEMBER_HEADINGS,
}
# People outside the registry: the columns behind such a heading do not belong to the person before it.
STRANGER_HEADING = re.compile(
    ""
    "(?:姓名|教师|老师|班主任|联系人|负责人|填表人|采集人|帮扶人|责任人|干部|志愿者|结对人|包保人|爱心妈妈|代理家长|代理妈妈|校长)$"
)


def is_known_heading(heading: str) -> bool:
    return heading in FIELD_BY_HEADING or heading in SHARED_HEADINGS

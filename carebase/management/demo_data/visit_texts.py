"""Texts of visits and talks: kind, who was met, what was observed, said and advised.

They fit boys and girls, and mention a parent only where that parent is away and can be reached.
"""

from registry.codes.relation import Relation
from registry.models import Child

PUPILS = [
    (
        "home_visit",
        "{guardian}",
        "家中整洁，书桌靠窗，作业已完成。{guardian}腿脚不便，灶台旁堆有柴草。",
        "{guardian}说孩子懂事，放学先写作业再帮忙择菜，晚上想妈妈时会翻看照片。",
        "提醒柴草远离灶台；约定每周六晚上与父母视频一次。",
    ),
    (
        "talk",
        "孩子本人",
        "课间一个人坐在座位上，谈话时愿意抬头。",
        "说最近数学听不太懂，怕同学笑话，不敢举手。",
        "安排同桌结对，每周三下午辅导一次；多在课堂上鼓励发言。",
    ),
    (
        "call",
        "父亲",
        "",
        "父亲在工地上班，说春节一定回家。向他介绍了孩子期中情况，他答应每周打一次电话。",
        "请父亲固定在周日晚上来电，多问学校里的高兴事，少问分数。",
    ),
    (
        "home_visit",
        "{guardian}和孩子",
        "孩子穿着整洁，家里有一只电热毯插头松动。",
        "{guardian}担心孩子看手机太久，管不住。",
        "已请村里电工更换插座；与孩子商定晚上九点把手机交给{guardian}。",
    ),
    (
        "tutoring",
        "孩子本人",
        "应用题能独立完成一半，字迹比上月工整。",
        "",
        "下次带一本课外书，读完一起讲给小组听。",
    ),
    (
        "talk",
        "孩子本人",
        "说到爸爸妈妈时低头不语，过一会儿露出笑容。",
        "收到妈妈寄来的新鞋，想考个好成绩让妈妈高兴。",
        "帮助孩子给父母写一封信，班会上愿意的话读一读。",
    ),
    (
        "home_visit",
        "{guardian}",
        "门前新修了水泥路，离池塘约一百米，无护栏。",
        "{guardian}说暑假孩子爱到塘边捉鱼，喊不住。",
        "与{guardian}讲了防溺水“六不准”；报请村里在塘边立警示牌。",
    ),
    (
        "call",
        "母亲",
        "",
        "母亲说厂里加班多，电话常常打不通，想知道孩子吃得好不好。",
        "把孩子午餐和近照告诉了母亲；建议午休十二点半视频。",
    ),
    (
        "home_visit",
        "孩子和邻居",
        "家里备有米和蔬菜，药品放在孩子够不到的地方。",
        "孩子说会自己煮面条，最怕打雷的晚上。",
        "教会孩子记住三个求助电话；请邻居夜间照应。",
    ),
    (
        "talk",
        "孩子本人",
        "与同学发生争执后主动道歉。",
        "觉得别人在背后议论自己，心里难过。",
        "与班里开了一次“我们都一样”小组会；下周再谈一次。",
    ),
    (
        "home_visit",
        "{guardian}",
        "院子打扫得干净，孩子在帮忙喂鸡。",
        "{guardian}说孩子晚饭吃得香，就是早上起不来。",
        "建议晚上九点前睡觉，书包头天晚上收拾好。",
    ),
    (
        "talk",
        "孩子本人",
        "精神饱满，主动说起班里的篮球赛。",
        "想参加学校的合唱队，又怕耽误写作业。",
        "与音乐老师说好每周二排练，作业在学校完成。",
    ),
]
SMALL = [
    (
        "home_visit",
        "{guardian}",
        "孩子身高体重正常，衣着干净，见人会笑。",
        "{guardian}说夜里醒两次，白天爱玩水。",
        "提醒家里水缸加盖；下月到村卫生室打预防针。",
    ),
    (
        "home_visit",
        "{guardian}和孩子",
        "灶台有护栏，药品收在柜顶。孩子会自己吃饭。",
        "{guardian}问几岁上幼儿园合适。",
        "讲了幼儿园报名的时间和要带的材料。",
    ),
    (
        "home_visit",
        "{guardian}",
        "堂屋里有几本图画书，孩子翻得很起劲。",
        "{guardian}说自己识字不多，讲不了故事。",
        "送一台故事机；每周四儿童之家有讲故事活动，邀请参加。",
    ),
    (
        "call",
        "{guardian}",
        "",
        "{guardian}说孩子感冒好了，胃口也回来了。",
        "天凉注意添衣；再发烧就去镇卫生院。",
    ),
]
OUT_OF_SCHOOL = [
    (
        "home_visit",
        "{guardian}和孩子",
        "孩子在家，桌上还放着课本。",
        "{guardian}劝不动，孩子说跟不上课，不想去学校。",
        "请学校派教师上门，先补两门课；一周内再来。",
    ),
    (
        "talk",
        "孩子本人",
        "起初不说话，谈到修摩托车时话多起来。",
        "想学一门手艺，早点挣钱。",
        "介绍中职学校的汽修专业，约好一起去参观。",
    ),
    (
        "home_visit",
        "{guardian}",
        "家中收拾过，孩子去帮邻居收橘子。",
        "{guardian}担心孩子跟着大孩子往外跑。",
        "与{guardian}商定每天晚饭前回家；请村干部留意。",
    ),
    (
        "call",
        "孩子本人",
        "",
        "说看了职校的宣传册，想问要不要考试。",
        "把招生办法发过去，周末见面细谈。",
    ),
]
COUNSELLING = (
    "talk",
    "孩子本人",
    "能安静坐二十分钟，画了一幅全家的画。",
    "说晚上常常睡不着，白天不想说话。",
    "教了腹式呼吸；每周三下午见一次，画画或聊天都可以。",
)
ABSENT_WORDS = {Relation.FATHER: "父爸", Relation.MOTHER: "母妈"}
OTHERS = {
    "51": "父亲",
    "52": "母亲",
    "61": "爷爷",
    "62": "奶奶",
    "63": "外公",
    "64": "外婆",
    "90": "姑姑",
    "99": "邻居",
    "": "村干部",
}


def contacts_for(schooling: str, away: frozenset[str] = frozenset()) -> list[tuple]:
    """Return the texts that suit a child of this schooling, where only the parents `away` may be mentioned."""
    match schooling:
        case Child.Schooling.KINDERGARTEN | Child.Schooling.NO_KINDERGARTEN:
            fitting = SMALL
        case Child.Schooling.DROPPED_OUT | Child.Schooling.NOT_IN_SCHOOL:
            fitting = OUT_OF_SCHOOL
        case _:
            fitting = PUPILS
    excluded = {sign for parent, signs in ABSENT_WORDS.items() if parent not in away for sign in signs}
    return [contact for contact in fitting if not excluded & set("".join(contact))]
